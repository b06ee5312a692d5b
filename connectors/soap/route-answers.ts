import type { RouteAnswer } from '../contract.js'
import { soap11, soap12, type SoapVersion } from './soap-version.js'

/** What /openapi.json tells of the SOAP service; the WSDL says it all. */

const envelope = ({ namespace }: SoapVersion, content: string): string => `<s:Envelope xmlns:s="${namespace}"><s:Body>${content}</s:Body></s:Envelope>`

export const soapBodies: Readonly<Record<string, string>> = {
  'text/xml': envelope(soap11, '<Ping xmlns="urn:chainhub:v1"><message>hello</message></Ping>'),
  'application/soap+xml': envelope(soap12, '<Ping xmlns="urn:chainhub:v1"><message>hello</message></Ping>'),
}

const envelopeOf = ({ namespace }: SoapVersion): object => ({ type: 'string', pattern: `<(\\w+:)?Envelope[^>]* xmlns(:\\w+)?="${namespace}"`, contentMediaType: 'application/xml' })

const faultDetail = '<ch:fault xmlns:ch="urn:chainhub:v1"><ch:code>not-found</ch:code><ch:at>messageId</ch:at><ch:detail>There is no such message.</ch:detail></ch:fault>'
const fault11 = `<s:Fault><faultcode>s:Client</faultcode><faultstring>There is no such message.</faultstring><detail>${faultDetail}</detail></s:Fault>`
const fault12 = `<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">There is no such message.</s:Text></s:Reason><s:Detail>${faultDetail}</s:Detail></s:Fault>`

const inBothVersions = (description: string, example11: string, example12: string): RouteAnswer => ({
  description,
  content: {
    'text/xml': { schema: envelopeOf(soap11), example: envelope(soap11, example11) },
    'application/soap+xml': { schema: envelopeOf(soap12), example: envelope(soap12, example12) },
  },
})

export const soapAnswers = (): Readonly<Record<string, RouteAnswer>> => {
  const pong = '<PingResponse xmlns="urn:chainhub:v1"><message>hello</message></PingResponse>'
  return {
    200: inBothVersions('An envelope of the request\'s version.', pong, pong),
    500: inBothVersions('A fault of the request\'s version, whose detail has code, place and reason of the error registry.', fault11, fault12),
  }
}

export const wsdlAnswers = (): Readonly<Record<string, RouteAnswer>> => ({
  200: {
    description: 'WSDL 1.1 for `?wsdl`, a schema for `?xsd=`, and without either where to find them.',
    content: {
      'text/xml': {
        schema: { type: 'string', pattern: '<(\\w+:)?(definitions|schema)\\s[^>]*="urn:chainhub:v1"', contentMediaType: 'application/xml' },
        example: '<?xml version="1.0" encoding="UTF-8"?>\n<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:chainhub:v1">…</wsdl:definitions>',
      },
      'text/plain': { schema: { type: 'string', pattern: '\\?wsdl\\n$' }, example: 'A SOAP service, 1.1 and 1.2. Its description is at http://127.0.0.1:8080/soap/v1?wsdl\n' },
    },
  },
})
