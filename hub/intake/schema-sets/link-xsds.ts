import { posix } from 'node:path'
import { fail, ok, type Result } from '../../../schemas/result.js'
import type { Xsd, XsdLink } from './read-xsd.js'

/** The texts that libxml2 may open, by address, and what it starts from. */
export interface LinkedXsds {
  readonly documents: ReadonlyMap<string, string>
  /** The path of the file at an address; undefined for a text of ours. */
  readonly pathOf: (address: string) => string | undefined
  /** Schemas to compile, each with the elements that it declares as `{namespace}name`. */
  readonly schemas: readonly { readonly text: string, readonly elements: readonly string[] }[]
}

/**
 * Puts files together that refer to each other by relative path, by name or by namespace. Every reference is turned into an address that only this
 * set has, so that nothing else can be opened. `together` compiles all as one schema, an import bringing every file of its namespace; otherwise each file
 * that no other includes is a schema by itself, for directories whose files declare the same names. Fails with schema-invalid at `path:line` where a
 * file refers to one that is not there.
 */
export const linkXsds = (xsds: readonly Xsd[], together: boolean): Result<LinkedXsds> => {
  const linking = makeLinking(xsds)
  for (const xsd of xsds) {
    for (const link of xsd.links) {
      const found = linking.resolve(xsd, link, together)
      if (found === undefined && link.location !== undefined) return fail('schema-invalid', `${xsd.path}:${link.line}`, missing(link, link.location))
    }
  }
  const documents = new Map<string, string>([[xmlAddress, xmlSchema]])
  for (const [index, xsd] of xsds.entries()) documents.set(addressOf(index), withAddresses(xsd, (link) => linking.resolve(xsd, link, together)))
  for (const [namespace, tops] of linking.tops) documents.set(linking.addressOfNamespace(namespace) ?? '', including(namespace, tops.map(linking.addressOfFile)))
  const tops = [...linking.tops]
  const schemas = together
    ? [{ text: importing(tops.map(([namespace]) => [namespace, linking.addressOfNamespace(namespace) ?? ''])), elements: linking.elementsOf(xsds) }]
    : tops.flatMap(([namespace, files]) => files.map((file) => ({ text: importing([[namespace, linking.addressOfFile(file)]]), elements: linking.elementsOf(linking.includedBy(file)) })))
  return ok({ documents, pathOf: (address) => xsds[indexOf(address)]?.path, schemas })
}

const missing = ({ kind, namespace }: XsdLink, location: string): string => {
  const what = kind === 'include' ? `includes ${location}` : `imports ${location} for the namespace '${namespace}'`
  return `The file ${what}, which is not in the directory. The hub loads nothing from outside: put the file beside the others and register the directory again.`
}

const addressOf = (index: number): string => `set:///file/${index}`
const indexOf = (address: string): number => Number(/^set:\/\/\/file\/(\d+)$/.exec(address)?.[1] ?? Number.NaN)
const xmlAddress = 'set:///xml'
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'

const makeLinking = (xsds: readonly Xsd[]) => {
  const byPath = new Map(xsds.map((xsd) => [xsd.path, xsd]))
  const indexes = new Map(xsds.map((xsd, index) => [xsd, index]))
  const located = (xsd: Xsd, location: string): Xsd | undefined => byPath.get(relativePath(xsd.path, location)) ?? onlyOf(xsds.filter(({ path }) => posix.basename(path) === posix.basename(location)))
  const included = new Map(xsds.map((xsd) => [xsd, xsd.links.flatMap((link) => (link.kind === 'include' && link.location !== undefined ? located(xsd, link.location) ?? [] : []))]))
  const includedBy = (file: Xsd): readonly Xsd[] => reachable(file, (one) => included.get(one) ?? [])
  const tops = groupTops(xsds, included, includedBy)
  const namespaces = [...tops.keys()]
  const addressOfFile = (xsd: Xsd): string => addressOf(indexes.get(xsd) ?? -1)
  const addressOfNamespace = (namespace: string): string | undefined => (tops.has(namespace) ? `set:///namespace/${namespaces.indexOf(namespace)}` : undefined)
  return {
    tops, addressOfFile, addressOfNamespace, includedBy,
    resolve: (xsd: Xsd, { kind, namespace, location }: XsdLink, together: boolean): string | undefined => {
      const file = location === undefined ? undefined : located(xsd, location)
      const there = file === undefined ? undefined : addressOfFile(file)
      if (kind === 'include') return there
      if (namespace === xmlNamespace && !tops.has(namespace)) return xmlAddress
      return together ? addressOfNamespace(namespace) ?? there : there ?? addressOfNamespace(namespace)
    },
    /** A file without a namespace declares its elements in that of whoever includes it. */
    elementsOf: (files: readonly Xsd[]): readonly string[] => [...new Set([...tops.values()].flat().flatMap((top) =>
      includedBy(top).flatMap((file) => (files.includes(file) ? file.elements.map(({ name }) => `{${top.targetNamespace}}${name}`) : []))))],
  }
}

const relativePath = (from: string, location: string): string => {
  let decoded = location.replaceAll('\\', '/')
  try {
    decoded = decodeURI(decoded)
  } catch {
    // A path with a bare % is taken as it is written.
  }
  return posix.normalize(posix.join(posix.dirname(from), decoded))
}

const onlyOf = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined)

const reachable = (from: Xsd, next: (xsd: Xsd) => readonly Xsd[]): readonly Xsd[] => {
  const seen = new Set([from])
  for (const xsd of seen) for (const other of next(xsd)) seen.add(other)
  return [...seen]
}

/** The files that no other includes, by namespace; of files that include each other in a circle the first. */
const groupTops = (xsds: readonly Xsd[], included: ReadonlyMap<Xsd, readonly Xsd[]>, includedBy: (file: Xsd) => readonly Xsd[]): ReadonlyMap<string, readonly Xsd[]> => {
  const inside = new Set(xsds.flatMap((xsd) => (included.get(xsd) ?? []).filter((other) => other !== xsd)))
  const tops = xsds.filter((xsd) => !inside.has(xsd))
  const covered = new Set(tops.flatMap(includedBy))
  for (const xsd of xsds) {
    if (covered.has(xsd)) continue
    tops.push(xsd)
    for (const other of includedBy(xsd)) covered.add(other)
  }
  const groups = new Map<string, Xsd[]>()
  for (const top of tops) groups.set(top.targetNamespace, [...groups.get(top.targetNamespace) ?? [], top])
  return groups
}

const linkTag = /<((?:[\w.-]+:)?)(import|include|redefine)\b((?:"[^"]*"|'[^']*'|[^'">/])*)(\/?>)/g
const locationAttribute = /(\sschemaLocation\s*=\s*)(?:"[^"]*"|'[^']*')/

/** The text with our addresses for its references, line by line as before. A tag in a comment may change too, which nobody reads. */
const withAddresses = ({ text }: Xsd, resolve: (link: XsdLink) => string | undefined): string =>
  text.replace(linkTag, (tag, prefix: string, name: string, attributes: string, end: string) => {
    const address = resolve({ kind: name === 'import' ? 'import' : 'include', namespace: valueIn(attributes, 'namespace') ?? '', location: valueIn(attributes, 'schemaLocation'), line: 0 })
    if (address === undefined) return tag
    const others = locationAttribute.test(attributes) ? attributes.replace(locationAttribute, `$1"${address}"`) : `${attributes} schemaLocation="${address}"`
    return `<${prefix}${name}${others}${end}`
  })

const valueIn = (attributes: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes)
  return (found?.[1] ?? found?.[2])?.trim().replaceAll('&amp;', '&')
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const schema = (targetNamespace: string, content: string): string =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"${targetNamespace === '' ? '' : ` targetNamespace="${escaped(targetNamespace)}"`}>${content}</xs:schema>`

const including = (namespace: string, addresses: readonly string[]): string =>
  schema(namespace, addresses.map((address) => `<xs:include schemaLocation="${address}"/>`).join(''))

const importing = (imports: readonly (readonly [namespace: string, address: string])[]): string =>
  schema('urn:chainhub:schema-set', imports.map(([namespace, address]) => `<xs:import${namespace === '' ? '' : ` namespace="${escaped(namespace)}"`} schemaLocation="${address}"/>`).join(''))

/** The attributes of XML itself (XML 1.0; XML Base), which many schemas import from the W3C's address. */
const xmlSchema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${xmlNamespace}">
<xs:attribute name="lang"><xs:simpleType><xs:union memberTypes="xs:language"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value=""/></xs:restriction></xs:simpleType></xs:union></xs:simpleType></xs:attribute>
<xs:attribute name="space"><xs:simpleType><xs:restriction base="xs:NCName"><xs:enumeration value="default"/><xs:enumeration value="preserve"/></xs:restriction></xs:simpleType></xs:attribute>
<xs:attribute name="base" type="xs:anyURI"/><xs:attribute name="id" type="xs:ID"/>
<xs:attributeGroup name="specialAttrs"><xs:attribute ref="xml:base"/><xs:attribute ref="xml:lang"/><xs:attribute ref="xml:space"/><xs:attribute ref="xml:id"/></xs:attributeGroup>
</xs:schema>`
