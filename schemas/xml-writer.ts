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
  const prefixes = chosenPrefixes(used, options.prefixes ?? noWishes)
  const pen: Pen = { elements: prefixes.elements, attributes: prefixes.attributes, tags: new Map(), indent: options.indent === true, above: [], failure: undefined }
  let declarations = ''
  for (const [prefix, uri] of prefixes.declared) declarations += declaration(pen, prefix, uri)
  for (const [prefix, uri] of Object.entries(options.declared ?? {})) declarations += declaration(pen, prefix, uri)
  const body = element(pen, root, '\n', declarations)
  const doctype = options.doctype === undefined || options.doctype.includes('"') ? '' : `<!DOCTYPE ${root.name} SYSTEM "${options.doctype}">\n`
  return pen.failure ?? ok(`<?xml version="1.0" encoding="UTF-8"?>\n${doctype}${body}${pen.indent ? '\n' : ''}`)
}

const noWishes = {}

const declaration = (pen: Pen, prefix: string, uri: string): string => ` xmlns${prefix === '' ? '' : ':'}${prefix}="${escapedValue(pen, uri)}"`

interface UsedNamespaces {
  readonly elements: Set<string>
  readonly attributes: Set<string>
}

interface Prefixes {
  readonly elements: ReadonlyMap<string, string>
  readonly attributes: ReadonlyMap<string, string>
  readonly declared: readonly (readonly [prefix: string, uri: string])[]
}

interface Pen extends Omit<Prefixes, 'declared'> {
  /** By namespace and name, the name with its prefix: each is checked once. */
  readonly tags: Map<string, Map<string, string>>
  indent: boolean
  /** The names of the elements that are open, for the path of what fails. */
  readonly above: string[]
  failure: Failure | undefined
}

const collect = (node: Node, used: UsedNamespaces): void => {
  used.elements.add(node.namespace)
  for (const attribute of node.attributes) used.attributes.add(attribute.namespace)
  for (const child of node.children) collect(child, used)
}

/** What was chosen last under the same wishes: documents of one format use the same namespaces. */
const chosenLast = new WeakMap<Readonly<Record<string, string>>, { readonly used: string, readonly prefixes: Prefixes }>()

const chosenPrefixes = (used: UsedNamespaces, wished: Readonly<Record<string, string>>): Prefixes => {
  // U+0000 stands in no namespace that can be written.
  const key = `${[...used.elements].join('\0')}\0\0${[...used.attributes].join('\0')}`
  const last = chosenLast.get(wished)
  if (last?.used === key) return last.prefixes
  const prefixes = choosePrefixes(used, wished)
  chosenLast.set(wished, { used: key, prefixes })
  return prefixes
}

/** Prefixes with their colon, as they are written. A default namespace serves no attribute, so it may get a prefix besides. */
const choosePrefixes = (used: UsedNamespaces, wished: Readonly<Record<string, string>>): Prefixes => {
  const elements = new Map([['', ''], [xmlNamespace, 'xml:']])
  const attributes = new Map([['', ''], [xmlNamespace, 'xml:']])
  const declared: [string, string][] = []
  const given = new Set<string>()
  if (used.elements.has('')) given.add('')
  let last = 0
  const generate = (): string => {
    const taken = Object.values(wished)
    let prefix
    do prefix = `ns${++last}`
    while (taken.includes(prefix))
    return prefix
  }
  const choose = (uri: string): void => {
    if (elements.has(uri)) return
    const wish = Object.hasOwn(wished, uri) ? wished[uri] : undefined
    const first = wish === undefined || given.has(wish) || !isPrefix(wish) ? generate() : wish
    given.add(first)
    declared.push([first, uri])
    elements.set(uri, first === '' ? '' : `${first}:`)
    const second = first === '' && used.attributes.has(uri) ? generate() : first
    if (second !== first) declared.push([second, uri])
    attributes.set(uri, `${second}:`)
  }
  used.elements.forEach(choose)
  used.attributes.forEach(choose)
  return { elements, attributes, declared }
}

const isPrefix = (prefix: string): boolean => prefix === '' || (isNcName(prefix) && prefix !== 'xml' && prefix !== 'xmlns')

const element = (pen: Pen, node: Node, lineStart: string, declarations: string): string => {
  pen.above.push(node.name)
  const tag = tagOf(pen, node)
  const attributes = node.attributes.length === 0 ? '' : attributesOf(pen, node)
  const content = node.mixed !== undefined ? mixedOf(pen, node.mixed, lineStart) : node.children.length === 0 ? escapedText(pen, node.text) : childrenOf(pen, node, lineStart)
  pen.above.pop()
  return content === '' ? `<${tag}${declarations}${attributes}/>` : `<${tag}${declarations}${attributes}>${content}</${tag}>`
}

const tagOf = (pen: Pen, { name, namespace }: Node): string => {
  let tags = pen.tags.get(namespace)
  if (tags === undefined) {
    tags = new Map<string, string>()
    pen.tags.set(namespace, tags)
  }
  let tag = tags.get(name)
  if (tag === undefined) {
    tag = (pen.elements.get(namespace) ?? '') + checkedName(pen, name, namespace, '')
    tags.set(name, tag)
  }
  return tag
}

const attributesOf = (pen: Pen, node: Node): string => {
  const seen = node.attributes.length > 1 ? new Set<string>() : undefined
  let written = ''
  for (const { name, namespace, value } of node.attributes) {
    if (seen !== undefined && seen.size === seen.add(`${name} ${namespace}`).size) refuse(pen, 'The attribute stands twice in one element.', name)
    if (namespace === '' && name === 'xmlns') refuse(pen, 'An attribute may not be named xmlns.', name)
    written += ` ${pen.attributes.get(namespace) ?? ''}${checkedName(pen, name, namespace, name)}="${escapedValue(pen, value, name)}"`
  }
  return written
}

const mixedOf = (pen: Pen, mixed: readonly (string | Node)[], lineStart: string): string => {
  const { indent } = pen
  pen.indent = false
  let written = ''
  for (const piece of mixed) written += typeof piece === 'string' ? escapedText(pen, piece) : element(pen, piece, lineStart, '')
  pen.indent = indent
  return written
}

const childrenOf = (pen: Pen, node: Node, lineStart: string): string => {
  const indented = pen.indent && isXmlSpace(node.text)
  const inner = pen.indent ? `${lineStart}  ` : ''
  let written = indented ? '' : escapedText(pen, node.text)
  for (const child of node.children) written += indented ? inner + element(pen, child, inner, '') : element(pen, child, inner, '')
  return indented ? written + lineStart : written
}

const refuse = (pen: Pen, detail: string, attribute = ''): void => {
  pen.failure ??= fail('value-invalid', `${pen.above.join('.')}${attribute === '' ? '' : `@${attribute}`}`, detail)
}

const checkedName = (pen: Pen, name: string, namespace: string, attribute: string): string => {
  if (!isNcName(name)) refuse(pen, `${JSON.stringify(name)} is not a name in XML.`, attribute)
  if (namespace === xmlnsNamespace) refuse(pen, 'The namespace of namespace declarations holds no other name.', attribute)
  return name
}

// What must be looked at more closely, surrogates among it; nearly all texts have none of it. eslint reads the control characters as a slip of the pen in a literal.
const controls = '\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff'
const suspectText = new RegExp(`[&<>\\r${controls}]`)
const suspectValue = new RegExp(`[&<>"\\t\\n\\r${controls}]`)
const inText = /[&<>\r]/g
const inAttribute = /[&<>"\t\n\r]/g
// Production 2 of XML 1.0, turned round: a surrogate matches only where its other half is missing.
const noCharacter = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u
const references = new Map([['&', '&amp;'], ['<', '&lt;'], ['>', '&gt;'], ['"', '&quot;'], ['\t', '&#9;'], ['\n', '&#10;'], ['\r', '&#13;']])

const escapedText = (pen: Pen, text: string): string => (suspectText.test(text) ? escaped(pen, text, inText, '') : text)

const escapedValue = (pen: Pen, value: string, attribute = ''): string => (suspectValue.test(value) ? escaped(pen, value, inAttribute, attribute) : value)

const escaped = (pen: Pen, text: string, special: RegExp, attribute: string): string => {
  const bad = noCharacter.exec(text)
  if (bad !== null) refuse(pen, `XML can not hold the character ${JSON.stringify(bad[0])}.`, attribute)
  return text.replace(special, (found) => references.get(found) ?? found)
}
