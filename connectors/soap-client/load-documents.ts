import { decodeText } from '../../schemas/decode-text.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { readDefinition, type DefinitionElement } from './definition-element.js'
import { neverLoaded, schemaNamespace, wsdlNamespace } from './well-known-namespaces.js'

/** One file of a description. */
export interface DefinitionDocument {
  /** The address under which it was asked for, or the one that it was redirected to. */
  readonly address: string
  readonly text: string
  readonly root: DefinitionElement
  /** What its imports and includes name, as written, with the address of the file or undefined where it is never loaded. */
  readonly imports: ReadonlyMap<string, string | undefined>
}

export interface FetchedDocument {
  readonly address: string
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** Gets a file by its absolute address, under all rules about addresses and sizes. */
export type FetchDocument = (address: string) => Promise<Result<FetchedDocument>>

const mostDocuments = 500

/**
 * Loads a description and all that it imports and includes, each file once; the first is the WSDL. Fails with what
 * fetching and reading fail with, the address in front, and with wsdl-invalid and wsdl-unsupported.
 */
export const loadDocuments = async (address: string, fetchDocument: FetchDocument): Promise<Result<readonly DefinitionDocument[]>> => {
  const documents = new Map<string, DefinitionDocument>()
  const waiting = [address]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (documents.has(next)) continue
    if (documents.size === mostDocuments) return fail('limit-exceeded', address, `The description is of more than ${mostDocuments} files.`)
    const fetched = await fetchDocument(next)
    if (!fetched.ok) return fetched
    const document = readDocument(next, fetched.value, documents.size === 0)
    if (!document.ok) return document
    documents.set(next, document.value)
    for (const imported of document.value.imports.values()) if (imported !== undefined) waiting.push(imported)
  }
  return ok([...documents.values()])
}

const readDocument = (asked: string, { address, bytes, contentType }: FetchedDocument, first: boolean): Result<DefinitionDocument> => {
  const decoded = decodeText(bytes, contentType)
  if (!decoded.ok) return at(asked, decoded)
  const root = readDefinition(decoded.value.text)
  if (!root.ok) return /html/i.test(contentType) ? fail('wsdl-invalid', asked, 'A web page came and no description.') : at(asked, root)
  const wrong = checkRoot(asked, root.value, first)
  if (wrong !== undefined) return wrong
  const imports = findImports(root.value, address)
  return imports.ok ? ok({ address: asked, text: decoded.value.text, root: root.value, imports: imports.value }) : at(asked, imports)
}

const at = (address: string, failure: Failure): Failure => ({ ...failure, at: failure.at === '' ? address : `${address} ${failure.at}` })

const checkRoot = (address: string, root: DefinitionElement, first: boolean): Failure | undefined => {
  if (root.name === 'definitions' && root.namespace === wsdlNamespace) return undefined
  if (root.name === 'description' && root.namespace === 'http://www.w3.org/ns/wsdl') return fail('wsdl-unsupported', address, 'The description is in WSDL 2.0; ask for WSDL 1.1.')
  if (!first && root.name === 'schema' && root.namespace === schemaNamespace) return undefined
  return fail('wsdl-invalid', address, `The root is {${root.namespace}}${root.name} and not WSDL 1.1's definitions${first ? '' : ' or a schema'}.`)
}

/** Imports of any namespace count, since node-soap goes by local names alone: what it would follow has to be known here. */
const findImports = (root: DefinitionElement, base: string): Result<ReadonlyMap<string, string | undefined>> => {
  const found = new Map<string, string | undefined>()
  const pending = [root]
  for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
    if (element.name === 'redefine' && element.namespace === schemaNamespace) return fail('wsdl-unsupported', '', 'The schema uses xs:redefine.')
    pending.push(...(mayHoldImports.has(element.name) ? element.children : []))
    if (element.name !== 'import' && element.name !== 'include') continue
    const location = element.attributes.get('schemaLocation') ?? element.attributes.get('location')
    if (location === undefined) continue
    const skipped = neverLoaded.has(element.attributes.get('namespace') ?? '')
    const address = skipped ? undefined : absolute(location, base)
    if (!skipped && address === undefined) return fail('wsdl-invalid', '', `The import of ${JSON.stringify(location.slice(0, 200))} names no address.`)
    found.set(location, address)
  }
  return ok(found)
}

const mayHoldImports = new Set(['definitions', 'types', 'schema'])

const absolute = (location: string, base: string): string | undefined => {
  if (!URL.canParse(location.trim(), base)) return undefined
  const url = new URL(location.trim(), base)
  url.hash = ''
  return url.href
}
