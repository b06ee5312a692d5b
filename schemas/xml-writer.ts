import type { Node } from './node.js'
import { fail, ok, type Failure, type Result } from './result.js'
import { isNcName, xmlNamespace, xmlnsNamespace } from './xml-names.js'
import { isXmlSpace } from './xml-tree.js'

interface XmlWriting {
  /** Namespace to prefix, '' for the default namespace. Namespaces without one get ns1, ns2 and so on. */
  readonly prefixes?: Readonly<Record<string, string>>
  /** Prefixes that are declared on the root besides, for names inside values; none of them is given to a namespace. */
  readonly declared?: Readonly<Record<string, string>>
  /** The system identifier of a document type declaration, which is written for readers that ask for one. */
  readonly doctype?: string | undefined
  /** Two spaces a level; white space that stood between elements is replaced. */
  readonly indent?: boolean
}

/**
 * Writes a tree as an XML 1.0 document, such that readXml gives the same tree. All namespaces are declared on the root; the
 * default namespace is given up for a prefix where elements without a namespace would fall into it. Fails with
 * value-invalid at the path of a name or a character that XML 1.0 doesn't have.
 */
export const writeXml = (root: Node, options: XmlWriting = {}): Result<string> => {
  const used: UsedNamespaces = { elements: new Set(), attributes: new Set() }
  collect(root, used)
  const extra = Object.entries(options.declared ?? {})
  const prefixes = choosePrefixes(used, options.prefixes ?? {})
  const pen: Pen = { ...prefixes, indent: options.indent === true, failure: undefined }
  const declarations = [...prefixes.declared, ...extra].map(([prefix, uri]) => ` xmlns${prefix === '' ? '' : ':'}${prefix}="${escaped(pen, uri, '', true)}"`)
  const body = element(pen, root, '\n', '', declarations.join(''))
  const doctype = options.doctype === undefined || options.doctype.includes('"') ? '' : `<!DOCTYPE ${root.name} SYSTEM "${options.doctype}">\n`
  return pen.failure ?? ok(`<?xml version="1.0" encoding="UTF-8"?>\n${doctype}${body}${pen.indent ? '\n' : ''}`)
}

interface UsedNamespaces {
  readonly elements: Set<string>
  readonly attributes: Set<string>
}

interface Prefixes {
  readonly elements: ReadonlyMap<string, string>
  readonly attributes: ReadonlyMap<string, string>
  readonly declared: readonly (readonly [prefix: string, uri: string])[]
}

interface Pen extends Prefixes {
  readonly indent: boolean
  failure: Failure | undefined
}

const collect = (node: Node, used: UsedNamespaces): void => {
  used.elements.add(node.namespace)
  for (const attribute of node.attributes) used.attributes.add(attribute.namespace)
  for (const child of node.children) collect(child, used)
}

/** Prefixes with their colon, as they are written. A default namespace serves no attribute, so it may get a prefix besides. */
const choosePrefixes = (used: UsedNamespaces, wished: Readonly<Record<string, string>>): Prefixes => {
  const elements = new Map([['', ''], [xmlNamespace, 'xml:']])
  const attributes = new Map(elements)
  const declared: [string, string][] = []
  const taken = new Set(Object.values(wished))
  const given = new Set(used.elements.has('') ? [''] : [])
  let last = 0
  const generate = (): string => {
    let prefix
    do prefix = `ns${++last}`
    while (taken.has(prefix))
    return prefix
  }
  for (const uri of new Set([...used.elements, ...used.attributes])) {
    if (elements.has(uri)) continue
    const wish = Object.hasOwn(wished, uri) ? wished[uri] : undefined
    const first = wish === undefined || given.has(wish) || !isPrefix(wish) ? generate() : wish
    given.add(first)
    declared.push([first, uri])
    elements.set(uri, first === '' ? '' : `${first}:`)
    const second = first === '' && used.attributes.has(uri) ? generate() : first
    if (second !== first) declared.push([second, uri])
    attributes.set(uri, `${second}:`)
  }
  return { elements, attributes, declared }
}

const isPrefix = (prefix: string): boolean => prefix === '' || (isNcName(prefix) && prefix !== 'xml' && prefix !== 'xmlns')

const element = (pen: Pen, node: Node, lineStart: string, parent: string, declarations: string): string => {
  const path = parent === '' ? node.name : `${parent}.${node.name}`
  const tag = (pen.elements.get(node.namespace) ?? '') + checkedName(pen, node.name, node.namespace, path)
  const start = `<${tag}${declarations}${attributesOf(pen, node, path)}`
  const content = contentOf(pen, node, lineStart, path)
  return content === '' ? `${start}/>` : `${start}>${content}</${tag}>`
}

const attributesOf = (pen: Pen, node: Node, path: string): string => {
  const seen = new Set<string>()
  let written = ''
  for (const { name, namespace, value } of node.attributes) {
    const at = `${path}@${name}`
    if (seen.size === seen.add(`${name} ${namespace}`).size) pen.failure ??= fail('value-invalid', at, 'The attribute stands twice in one element.')
    if (namespace === '' && name === 'xmlns') pen.failure ??= fail('value-invalid', at, 'An attribute may not be named xmlns.')
    written += ` ${pen.attributes.get(namespace) ?? ''}${checkedName(pen, name, namespace, at)}="${escaped(pen, value, at, true)}"`
  }
  return written
}

const contentOf = (pen: Pen, node: Node, lineStart: string, path: string): string => {
  const inner = `${lineStart}  `
  if (node.mixed !== undefined) {
    const plain = { ...pen, indent: false }
    const pieces = node.mixed.map((piece) => typeof piece === 'string' ? escaped(plain, piece, path, false) : element(plain, piece, inner, path, ''))
    pen.failure ??= plain.failure
    return pieces.join('')
  }
  if (node.children.length === 0) return escaped(pen, node.text, path, false)
  const children = node.children.map((child) => element(pen, child, inner, path, ''))
  if (!pen.indent || !isXmlSpace(node.text)) return escaped(pen, node.text, path, false) + children.join('')
  return inner + children.join(inner) + lineStart
}

const checkedName = (pen: Pen, name: string, namespace: string, at: string): string => {
  if (!isNcName(name)) pen.failure ??= fail('value-invalid', at, `${JSON.stringify(name)} is not a name in XML.`)
  if (namespace === xmlnsNamespace) pen.failure ??= fail('value-invalid', at, 'The namespace of namespace declarations holds no other name.')
  return name
}

const inText = /[&<>\r]/g
const inAttribute = /[&<>"\t\n\r]/g
// Production 2 of XML 1.0, turned round: a surrogate matches only where its other half is missing.
const noCharacter = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u
const references = new Map([['&', '&amp;'], ['<', '&lt;'], ['>', '&gt;'], ['"', '&quot;'], ['\t', '&#9;'], ['\n', '&#10;'], ['\r', '&#13;']])

const escaped = (pen: Pen, text: string, at: string, attribute: boolean): string => {
  const bad = noCharacter.exec(text)
  if (bad !== null) pen.failure ??= fail('value-invalid', at, `XML can not hold the character ${JSON.stringify(bad[0])}.`)
  return text.replace(attribute ? inAttribute : inText, (found) => references.get(found) ?? found)
}
