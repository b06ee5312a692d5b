import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import { readXml } from '../../schemas/xml-reader.js'
import { scanXml, type WrittenAttribute } from '../../schemas/xml-scanner.js'

/**
 * An element of a WSDL or XSD document. Unlike a Node it knows the prefixes in force, which values such as `type="tns:Order"`
 * need.
 */
export interface DefinitionElement {
  readonly name: string
  readonly namespace: string
  /** By name without prefix, or `{namespace}name` for those of a namespace. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly DefinitionElement[]
  readonly text: string
  readonly prefixes: ReadonlyMap<string, string>
}

/** `{namespace}name`, or the name alone where there is no namespace. */
export type QualifiedName = string

export const qualified = (namespace: string, name: string): QualifiedName => (namespace === '' ? name : `{${namespace}}${name}`)

export const localNameOf = (name: QualifiedName): string => name.slice(name.lastIndexOf('}') + 1)

export const namespaceOf = (name: QualifiedName): string => (name.startsWith('{') ? name.slice(1, name.lastIndexOf('}')) : '')

/** Resolves a QName that stands in a value; a prefix that is bound to nothing gives a name of no namespace. */
export const resolveName = ({ prefixes }: DefinitionElement, value: string): QualifiedName => {
  const trimmed = value.trim()
  const colon = trimmed.indexOf(':')
  return colon === -1 ? qualified(prefixes.get('') ?? '', trimmed) : qualified(prefixes.get(trimmed.slice(0, colon)) ?? '', trimmed.slice(colon + 1))
}

export const childrenOf = (element: DefinitionElement, namespace: string, name: string): readonly DefinitionElement[] =>
  element.children.filter((child) => child.name === name && child.namespace === namespace)

interface Building extends DefinitionElement {
  readonly children: Building[]
  text: string
}

/** Real descriptions of a whole company's services have some 300,000 elements and attributes. */
const limits = { depth: 100, nodes: 2_000_000 }
const mostAttributes = 256

/** Reads a WSDL or XSD document, as strictly as readXml and with its failures. */
export const readDefinition = (text: string): Result<DefinitionElement> => {
  const checked = readXml(text, limits)
  return checked.ok ? scanDefinition(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')) : checked
}

const scanDefinition = (text: string): Result<DefinitionElement> => {
  const open: Building[] = []
  let root: DefinitionElement | undefined
  let failure: Failure | undefined
  scanXml(text, mostAttributes, {
    start: (name, written) => {
      const parent = open.at(-1)
      const element = startElement(name, written, parent?.prefixes ?? noPrefixes)
      parent?.children.push(element)
      root ??= element
      open.push(element)
    },
    end: () => { open.pop() },
    text: (piece) => {
      const element = open.at(-1)
      if (element !== undefined) element.text += piece
    },
    refuse: (code, offset, detail) => {
      failure = fail(code, String(offset), detail)
      throw new Error(detail)
    },
  })
  if (root === undefined) return failure ?? fail('xml-not-well-formed', '1:1', 'The document has no root element.')
  return ok(root)
}

const noPrefixes: ReadonlyMap<string, string> = new Map([['xml', xmlNamespace]])

const startElement = (written: string, attributes: readonly WrittenAttribute[], inherited: ReadonlyMap<string, string>): Building => {
  const declared = attributes.filter(({ name }) => name === 'xmlns' || name.startsWith('xmlns:'))
  const prefixes = declared.length === 0 ? inherited : new Map([...inherited, ...declared.map(({ name, value }) => [name.slice(6), value] as const)])
  const [prefix, name] = splitName(written)
  const own = attributes.filter((attribute) => !declared.includes(attribute)).map((attribute) => {
    const [attributePrefix, local] = splitName(attribute.name)
    return [attributePrefix === '' ? local : qualified(prefixes.get(attributePrefix) ?? '', local), attribute.value] as const
  })
  return { name, namespace: prefixes.get(prefix) ?? '', attributes: new Map(own), children: [], text: '', prefixes }
}

const splitName = (written: string): readonly [prefix: string, name: string] => {
  const colon = written.indexOf(':')
  return colon === -1 ? ['', written] : [written.slice(0, colon), written.slice(colon + 1)]
}
