import { readFile } from 'node:fs/promises'
import { fail } from '../../schemas/result.js'
import { problemReply } from '../../schemas/problem.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { HttpReply, HttpRequest } from '../contract.js'

const schemaFile = 'chainhub.xsd'

/**
 * What a GET of the service's address gives: the WSDL for `?wsdl`, whose addresses are those under which it was asked for, its
 * schema for `?xsd=chainhub.xsd`, and without a query where to find them.
 */
export const describeService = async ({ query, baseUrl, requestId }: HttpRequest, path: string): Promise<HttpReply> => {
  const asked = new Map(Object.entries(query).map(([name, value]) => [name.toLowerCase(), value]))
  const address = `${baseUrl}${path}`
  const schema = asked.get('xsd')
  if (schema === schemaFile) return xml(await readWire(schemaFile))
  if (schema !== undefined) return problemReply(fail('not-found', 'xsd', `There is no schema ${JSON.stringify(schema)}; there is ${schemaFile}.`), requestId)
  if (asked.has('wsdl')) return xml(addressed(await readWire('chainhub.wsdl'), address))
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `A SOAP service, 1.1 and 1.2. Its description is at ${address}?wsdl\n` }
}

const readWire = (name: string): Promise<string> => readFile(projectFolder('schemas', 'wire', name), 'utf8')

const addressed = (wsdl: string, address: string): string => wsdl
  .replaceAll(/(?<=address location=")[^"]*/g, () => attribute(address))
  .replace(`schemaLocation="${schemaFile}"`, () => `schemaLocation="${attribute(address)}?xsd=${schemaFile}"`)

/** The base address comes from the Host header, which is the caller's to choose. */
const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const xml = (body: string): HttpReply => ({ status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body })
