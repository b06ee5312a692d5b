import { Client, createClientAsync, WSSecurity, type IHttpClient, type IOptions, type WSDL } from 'soap'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import type { UsernameToken } from './cage-protocol.js'
import type { ComposedXml } from './compose-body.js'
import type { DefinitionDocument } from './load-documents.js'
import type { OperationModel } from './service-model.js'

/** node-soap, loaded with a partner's description. */
export interface EnvelopeWriter {
  readonly write: (operation: OperationModel, body: ComposedXml | undefined, headers: readonly ComposedXml[], token: UsernameToken | undefined) => Result<string>
}

type SoapMethod = (args: object, callback: () => void, options: object) => void

const isMethod = (value: unknown): value is SoapMethod => typeof value === 'function'
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const envelopeKey = 'soapenv'
/** Where the body goes; node-soap writes it as it stands and escapes nothing in it. */
const bodyMark = '<!--body-->'
const emptySchema = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'

/** node-soap knows the files of a description under these addresses alone, so that it can ask for nothing else. */
const addressOf = (index: number): string => `http://document.invalid/${index}`

/**
 * Hands a description that was loaded and checked already to node-soap. Fails with wsdl-invalid where node-soap can't make
 * anything of it.
 */
export const makeEnvelopeWriter = async (documents: readonly DefinitionDocument[]): Promise<Result<EnvelopeWriter>> => {
  const texts = new Map(documents.map(({ text }, index) => [addressOf(index), text]))
  const options: IOptions = {
    httpClient: serving(texts), disableCache: true, envelopeKey,
    wsdl_options: { overrideImportLocation: (_path: string, from: string, location: string): string => importedAs(documents, from, location) },
  }
  try {
    const { wsdl } = await createClientAsync(addressOf(0), options)
    return ok({ write: (operation, body, headers, token) => writeEnvelope(wsdl, operation, body, headers, token) })
  } catch (error) {
    return fail('wsdl-invalid', documents[0]?.address ?? '', `node-soap can't read the description: ${reasonOf(error)}`)
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 300)

const importedAs = (documents: readonly DefinitionDocument[], from: string, location: string): string => {
  const importer = documents[Number(from.slice(addressOf(0).length - 1))]
  if (importer?.imports.has(location) !== true) throw new Error(`The import of ${location.slice(0, 200)} was not loaded.`)
  const address = importer.imports.get(location)
  return addressOf(documents.findIndex((document) => document.address === address))
}

/** Answers from memory, whatever is asked for. */
const serving = (texts: ReadonlyMap<string, string>): IHttpClient => ({
  request: (address: string, _data: unknown, callback: (error: unknown, response: unknown, body: string) => void) => {
    setImmediate(callback, null, { status: 200, headers: {} }, texts.get(address) ?? emptySchema)
    return new Promise(() => undefined)
  },
})

const writeEnvelope = (
  wsdl: WSDL, operation: OperationModel, body: ComposedXml | undefined, headers: readonly ComposedXml[], token: UsernameToken | undefined,
): Result<string> => {
  try {
    const written = callMethod(wsdl, operation, body?.xml ?? '', headers, token)
    return isWhole(written, body?.node) ? ok(written) : fail('wsdl-invalid', operation.name, 'The envelope did not come out as it was composed.')
  } catch (error) {
    return fail('wsdl-invalid', operation.name, `node-soap can't write the envelope: ${reasonOf(error)}`)
  }
}

/** A call that goes no further than the HTTP client, which is handed the envelope. */
const callMethod = (wsdl: WSDL, operation: OperationModel, body: string, headers: readonly ComposedXml[], token: UsernameToken | undefined): string => {
  let envelope: string | undefined
  const httpClient: IHttpClient = {
    request: (_address: string, data: unknown) => {
      envelope = typeof data === 'string' ? data : undefined
      return new Promise(() => undefined)
    },
  }
  // The body declares what it uses; what the description declares would stand in the envelope unescaped.
  wsdl.xmlnsInEnvelope = ''
  const client = new Client(wsdl, 'http://partner.invalid/', { httpClient, envelopeKey, forceSoap12Headers: operation.version === '1.2' })
  for (const { xml } of headers) client.addSoapHeader(xml)
  if (token !== undefined) client.setSecurity(new WSSecurity(token.username, token.password, { passwordType: token.passwordType === 'digest' ? 'PasswordDigest' : 'PasswordText', hasNonce: true, hasTimeStamp: true, mustUnderstand: true, envelopeKey }))
  const service: unknown = client[operation.service]
  const port = isObject(service) ? service[operation.port] : undefined
  const method = isObject(port) ? port[operation.name] : undefined
  if (!isMethod(method)) throw new Error('it does not find the operation.')
  method({ _xml: bodyMark, $xml: bodyMark }, () => undefined, { postProcess: (xml: string) => placeBody(xml, body) })
  if (envelope === undefined) throw new Error('it sent nothing.')
  return envelope
}

const placeBody = (xml: string, body: string): string => {
  const start = `<${envelopeKey}:Body>`
  return `${xml.slice(0, xml.indexOf(start) + start.length)}${body}${xml.slice(xml.lastIndexOf(`</${envelopeKey}:Body>`))}`
}

/** Reads the envelope as the partner will and looks whether the body is what was composed. */
const isWhole = (envelope: string, composed: Node | undefined): boolean => {
  const read = readXml(envelope)
  if (!read.ok) return false
  const body = read.value.children.find(({ name }) => name === 'Body')
  const [first] = body?.children ?? []
  return composed === undefined ? first === undefined : first !== undefined && isSame(first, composed)
}

const isSame = (one: Node, other: Node): boolean =>
  one.name === other.name && one.namespace === other.namespace && one.attributes.length === other.attributes.length && one.children.length === other.children.length
  && one.attributes.every((attribute, index) => attribute.value === other.attributes[index]?.value && attribute.name === other.attributes[index].name)
  && (one.children.length > 0 || one.text === other.text)
  && one.children.every((node, index) => { const twin = other.children[index]; return twin !== undefined && isSame(node, twin) })
