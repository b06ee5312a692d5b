import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface PartnerServer {
  readonly url: string
  readonly port: number
  readonly asked: Asked[]
  readonly close: () => Promise<void>
}

/** A partner on 127.0.0.1 that answers as it is told, well or badly. */
export const startPartnerServer = async (answer: (asked: Asked, response: ServerResponse, socket: Socket) => void): Promise<PartnerServer> => {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') }
      asked.push(one)
      answer(one, response, request.socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`, port, asked,
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => { resolve() })
    }),
  }
}

interface WsdlOptions {
  readonly endpoint: string
  readonly imports?: string
  readonly types?: string
  readonly soap?: '' | '12'
}

/** A service with one operation Echo, of one text. */
export const echoWsdl = ({ endpoint, imports = '', types = '', soap = '' }: WsdlOptions): string => `<?xml version="1.0"?>
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap${soap}/" xmlns:t="urn:echo" xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:echo">${imports}
  <w:types><xs:schema targetNamespace="urn:echo" elementFormDefault="qualified">${types}
    <xs:element name="Echo"><xs:complexType><xs:sequence><xs:element name="text" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="EchoResponse"><xs:complexType><xs:sequence><xs:element name="text" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
  </xs:schema></w:types>
  <w:message name="In"><w:part name="p" element="t:Echo"/></w:message><w:message name="Out"><w:part name="p" element="t:EchoResponse"/></w:message>
  <w:portType name="T"><w:operation name="Echo"><w:input message="t:In"/><w:output message="t:Out"/></w:operation></w:portType>
  <w:binding name="B" type="t:T"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/><w:operation name="Echo"><s:operation soapAction="echo"/><w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation></w:binding>
  <w:service name="S"><w:port name="P" binding="t:B"><s:address location="${endpoint}"/></w:port></w:service>
</w:definitions>`

const envelopes = { '1.1': 'http://schemas.xmlsoap.org/soap/envelope/', '1.2': 'http://www.w3.org/2003/05/soap-envelope' } as const
export const envelope = (content: string, version: '1.1' | '1.2' = '1.1'): string => `<e:Envelope xmlns:e="${envelopes[version]}"><e:Body>${content}</e:Body></e:Envelope>`
export const echoAnswer = (text: string): string => envelope(`<EchoResponse xmlns="urn:echo"><text>${text}</text></EchoResponse>`)
