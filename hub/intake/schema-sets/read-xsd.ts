import { ParseOption, XmlDocument, XmlElement, XmlParseError } from 'libxml2-wasm'
import { fail, ok, type Result } from '../../../schemas/result.js'
import type { SchemaFile } from './schema-set.js'

export const xsdNamespace = 'http://www.w3.org/2001/XMLSchema'

/** Where an XSD names another one. */
export interface XsdLink {
  readonly kind: 'import' | 'include'
  /** Of an import; '' for components without a namespace. */
  readonly namespace: string
  readonly location: string | undefined
  readonly line: number
}

/** What the files of a set are put together by. */
export interface Xsd {
  readonly path: string
  /** For libxml2: always UTF-8, so the XML declaration names no encoding. */
  readonly text: string
  /** '' for a file without one, which takes that of whoever includes it. */
  readonly targetNamespace: string
  readonly elements: readonly { readonly name: string, readonly line: number }[]
  readonly links: readonly XsdLink[]
}

/** Nothing from outside is loaded, whatever a document declares; an internal subset (xmldsig-core-schema.xsd has one) is read. */
export const parseOptions: ParseOption = ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_SYS_CATALOG
  | ParseOption.XML_PARSE_IGNORE_ENC | ParseOption.XML_PARSE_BIG_LINES | ParseOption.XML_PARSE_NOWARNING

/** Reads what an XSD is and what it refers to. Fails with schema-invalid at `path:line`. */
export const readXsd = ({ path, text }: SchemaFile): Result<Xsd> => {
  const own = withoutEncoding(text)
  const document = parse(path, own)
  if (!document.ok) return document
  try {
    const { root } = document.value
    if (root.name !== 'schema' || root.namespaceUri !== xsdNamespace) return fail('schema-invalid', `${path}:${root.line}`, `The file holds <${root.name}> and no XML Schema; leave it out of the directory or mend it.`)
    const children = elementsOf(root)
    return ok({
      path, text: own,
      targetNamespace: attributeOf(root, 'targetNamespace') ?? '',
      elements: children.flatMap((child) => (isXsd(child, 'element') ? [{ name: attributeOf(child, 'name') ?? '', line: child.line }] : [])),
      links: children.flatMap(linksOf),
    })
  } finally {
    document.value.dispose()
  }
}

/** Nothing of a document type declaration outlives it but defaults and entities, which hold for the file alone. */
const parse = (path: string, text: string): Result<XmlDocument> => {
  try {
    return ok(XmlDocument.fromBuffer(Buffer.from(text, 'utf8'), { option: parseOptions, url: path }))
  } catch (error) {
    if (!(error instanceof XmlParseError)) throw error
    const first = error.details.find(({ level }) => level === fatal) ?? error.details[0]
    return fail('schema-invalid', `${path}:${first?.line ?? 1}`, `The file is not well-formed XML: ${(first?.message ?? error.message).trim()}.`.replace(/\.\.$/, '.'))
  }
}

/** Of libxml2's levels. */
const fatal = 3

const withoutEncoding = (text: string): string => text.replace(/^(<\?xml[^>]*?)\sencoding\s*=\s*(?:"[^"]*"|'[^']*')/, '$1')

/** The elements directly inside one, in their order. */
export const elementsOf = (parent: XmlElement): readonly XmlElement[] => {
  const elements: XmlElement[] = []
  for (let node = parent.firstChild; node !== null; node = node.next) if (node instanceof XmlElement) elements.push(node)
  return elements
}

const isXsd = (element: XmlElement, name: string): boolean => element.name === name && element.namespaceUri === xsdNamespace

const attributeOf = (element: XmlElement, name: string): string | undefined => element.attrs.find((attribute) => attribute.name === name && attribute.namespaceUri === '')?.value

const linksOf = (element: XmlElement): readonly XsdLink[] => {
  const location = attributeOf(element, 'schemaLocation')
  if (isXsd(element, 'import')) return [{ kind: 'import', namespace: attributeOf(element, 'namespace') ?? '', location, line: element.line }]
  return isXsd(element, 'include') || isXsd(element, 'redefine') ? [{ kind: 'include', namespace: '', location, line: element.line }] : []
}
