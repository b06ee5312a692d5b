import { decodeText } from '../../schemas/decode-text.js'
import { jsonMembers } from '../../schemas/json-members.js'
import { readJson } from '../../schemas/json-reader.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { isXmlSpace } from '../../schemas/xml-tree.js'
import { readXml } from '../../schemas/xml-reader.js'
import type { Payload } from '../contract.js'
import { instanceNamespace } from './well-known-namespaces.js'

/** An element as the caller gives it, whatever the syntax. */
export interface GivenElement {
  readonly name: string
  /** Undefined where the caller named no namespace: then any fits. */
  readonly namespace: string | undefined
  readonly attributes: readonly GivenAttribute[]
  readonly children: readonly GivenElement[]
  readonly text: string
  /** Text and children in their order, where they stand side by side. */
  readonly mixed: readonly (string | GivenElement)[] | undefined
  readonly nil: boolean
  /** The name of a derived type to write, as given: `Name`, `prefix:Name` or `{namespace}Name`. */
  readonly typeName: string | undefined
  /** The element as read, to be copied where anything may stand. */
  readonly node: Node | undefined
  /** `order.line[2].quantity` */
  readonly at: string
}

interface GivenAttribute {
  readonly name: string
  /** Undefined where any fits. */
  readonly namespace: string | undefined
  readonly value: string
}

/** The payload as the element that stands in the body; a JSON object is its content, so that its name is the caller's `root`. */
export const readGiven = (payload: Payload, root: string): Result<GivenElement> => {
  if (payload.type === 'tree') return payload.root.kind === 'element' ? ok(fromXml(payload.root, payload.root.name)) : fromJson(payload.root, root, root)
  const decoded = decodeText(payload.bytes, payload.type === 'json' ? 'application/json' : '')
  if (!decoded.ok) return decoded
  const read = payload.type === 'json' ? readJson(decoded.value.text) : readXml(decoded.value.text)
  if (!read.ok) return read
  return payload.type === 'json' ? fromJson(read.value, root, root) : ok(fromXml(read.value, read.value.name))
}

const isInstance = (name: string) => (attribute: Node['attributes'][number]): boolean => attribute.namespace === instanceNamespace && attribute.name === name

const fromXml = (node: Node, at: string): GivenElement => {
  const counts = new Map<string, number>()
  const made = new Map(node.children.map((child) => {
    const count = (counts.get(child.name) ?? 0) + 1
    counts.set(child.name, count)
    return [child, fromXml(child, `${at}.${child.name}${count === 1 ? '' : `[${count}]`}`)] as const
  }))
  return {
    name: node.name, namespace: node.namespace === '' ? undefined : node.namespace, at, node, children: [...made.values()], text: node.text,
    mixed: node.mixed?.map((piece) => (typeof piece === 'string' ? piece : made.get(piece) ?? '')),
    attributes: node.attributes.filter(({ namespace }) => namespace !== instanceNamespace).map(({ name, namespace, value }) => ({ name, namespace: namespace === '' ? undefined : namespace, value })),
    nil: ['true', '1'].includes(node.attributes.find(isInstance('nil'))?.value.trim() ?? ''),
    typeName: node.attributes.find(isInstance('type'))?.value.trim(),
  }
}

/** `@name` is an attribute, `@xsi:type` the derived type, `#text` the text beside them, `#any` XML text for what the schema leaves open. */
const fromJson = (node: Node, name: string, at: string): Result<GivenElement> => {
  const bare = { name, namespace: undefined, attributes: [], children: [], text: '', mixed: undefined, nil: false, typeName: undefined, node: undefined, at }
  if (node.kind === 'null') return ok({ ...bare, nil: true })
  if (node.kind === 'array') return fail('value-invalid', at, 'An array stands in an array; name its elements.')
  if (node.kind !== 'object') return ok({ ...bare, text: node.text })
  const attributes: GivenAttribute[] = []
  const children: GivenElement[] = []
  let text = ''
  let typeName: string | undefined
  for (const { name: member, value } of jsonMembers(node)) {
    const values = 'kind' in value ? (value.kind === 'array' && value.children.length === 0 ? [] : [value]) : value
    const [first] = values
    if (member === '#text' || member.startsWith('@')) {
      if (first === undefined || values.length > 1 || first.children.length > 0) return fail('value-invalid', `${at}.${member}`, 'This takes one text.')
      if (member === '#text') text = first.text
      else if (member === '@xsi:type') typeName = first.text
      else attributes.push({ name: member.slice(1), namespace: undefined, value: first.text })
      continue
    }
    const made = member === '#any' ? readAny(values, `${at}.#any`) : eachElement(values, member, `${at}.${member}`)
    if (!made.ok) return made
    children.push(...made.value)
  }
  return ok({ ...bare, attributes, children, text, typeName })
}

const eachElement = (values: readonly Node[], name: string, at: string): Result<readonly GivenElement[]> => collect(values.map((value, index) => fromJson(value, name, index === 0 ? at : `${at}[${index + 1}]`)))

const readAny = (values: readonly Node[], at: string): Result<readonly GivenElement[]> => collect(values.map((value) => {
  const read = readXml(value.text)
  return read.ok ? ok({ ...fromXml(read.value, `${at}.${read.value.name}`), namespace: read.value.namespace }) : { ...read, at: `${at} ${read.at}` }
}))

const collect = (results: readonly Result<GivenElement>[]): Result<readonly GivenElement[]> =>
  results.find((result): result is Failure => !result.ok) ?? ok(results.flatMap((result) => (result.ok ? [result.value] : [])))

/** Whether an element holds text of its own beside white space. */
export const hasText = ({ text }: GivenElement): boolean => !isXmlSpace(text)
