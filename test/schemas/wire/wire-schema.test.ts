import { KindGuard, type Static, type TSchema } from '@sinclair/typebox'
import { readFileSync } from 'node:fs'
import { expect, expectTypeOf, test } from 'vitest'
import type { AnsweredDocument, AnsweredPart, Issue, MessageAnswer } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { faultSchema, getMessageStatusSchema, messageAnswerSchema, pingSchema, submitDocumentSchema } from '../../../schemas/wire/wire-schema.js'

/** What an XSD type and a descriptor have in common, in a form that can be compared. */
type Shape = string | Readonly<Record<string, unknown>> | readonly Member[]
interface Member {
  readonly name: string
  readonly optional: boolean
  readonly many: boolean
  readonly shape: Shape
}

const readWire = (name: string): Node => {
  const root = readXml(readFileSync(projectFolder('schemas', 'wire', name), 'utf8'))
  if (!root.ok) throw new Error(root.detail)
  return root.value
}
const xsd = readWire('chainhub.xsd')
const attribute = (node: Node, name: string): string | undefined => node.attributes.find((found) => found.name === name)?.value
const named = (name: string): Node => {
  const found = xsd.children.find((node) => attribute(node, 'name') === name)
  if (found === undefined) throw new Error(`the XSD has no ${name}`)
  return found
}
const child = (node: Node, name: string): Node | undefined => node.children.find((found) => found.name === name)

const builtIn = new Map([['xs:string', 'string'], ['xs:token', 'token'], ['xs:int', 'integer'], ['xs:long', 'integer'], ['xs:boolean', 'boolean'], ['xs:base64Binary', 'base64']])
const facets = new Map([['pattern', 'pattern'], ['minLength', 'minLength'], ['maxLength', 'maxLength'], ['minInclusive', 'minimum'], ['maxInclusive', 'maximum']])

const shapeOfType = (name: string): Shape => builtIn.get(name) ?? shapeOf(named(name.replace('ch:', '')))

const shapeOf = (type: Node): Shape => {
  if (type.name === 'element') {
    const own = child(type, 'complexType')
    return own === undefined ? shapeOfType(attribute(type, 'type') ?? '') : shapeOf(own)
  }
  if (attribute(type, 'mixed') === 'true') return 'any'
  const restriction = child(type, 'restriction')
  if (restriction === undefined) return child(type, 'sequence')?.children.map(memberOf) ?? []
  const values = restriction.children.flatMap((facet) => facet.name === 'enumeration' ? [attribute(facet, 'value') ?? ''] : [])
  if (values.length > 0) return { values }
  const limits = restriction.children.map((facet) => [facets.get(facet.name), attribute(facet, 'value')])
  return { base: builtIn.get(attribute(restriction, 'base') ?? ''), ...Object.fromEntries(limits) as Readonly<Record<string, string>> }
}

const memberOf = (element: Node): Member => {
  const many = attribute(element, 'maxOccurs') === 'unbounded'
  return { name: attribute(element, 'name') ?? '', optional: attribute(element, 'minOccurs') === '0', many, shape: shapeOf(element) }
}

const shapeOfSchema = (schema: TSchema): Shape => {
  if (KindGuard.IsObject(schema)) {
    const required = new Set(schema.required)
    return Object.entries(schema.properties).map(([name, member]) => KindGuard.IsArray(member)
      ? { name, optional: true, many: true, shape: shapeOfSchema(member.items) }
      : { name, optional: !required.has(name), many: false, shape: shapeOfSchema(member) })
  }
  if (KindGuard.IsAny(schema)) return typeof schema['encoding'] === 'string' ? schema['encoding'] : 'any'
  if (KindGuard.IsUnion(schema)) return { values: schema.anyOf.map((one) => KindGuard.IsLiteral(one) ? one.const : one) }
  if (KindGuard.IsLiteral(schema)) return schema.const === true ? 'boolean' : { values: [schema.const] }
  const base = KindGuard.IsInteger(schema) ? 'integer' : schema['whiteSpace'] === 'collapse' ? 'token' : 'string'
  const limits = [...facets.values()].flatMap((name) => schema[name] === undefined ? [] : [[name, String(schema[name]).replace(/^\^|\$$/g, '')]])
  return limits.length === 0 ? base : { base, ...Object.fromEntries(limits) as Readonly<Record<string, string>> }
}

test.each<[string, TSchema]>([
  ['SubmitDocument', submitDocumentSchema],
  ['SubmitDocumentResponse', messageAnswerSchema],
  ['GetMessageStatus', getMessageStatusSchema],
  ['GetMessageStatusResponse', messageAnswerSchema],
  ['Ping', pingSchema],
  ['PingResponse', pingSchema],
  ['fault', faultSchema],
  ['messageAnswer', messageAnswerSchema],
])('the program and the XSD say the same of %s', (name, schema) => {
  expect(shapeOf(named(name))).toEqual(shapeOfSchema(schema))
})

test('every element of the XSD is described and the XSD types what the program describes', () => {
  const elements = xsd.children.flatMap((node) => node.name === 'element' ? [attribute(node, 'name')] : [])
  expect(elements).toEqual(['SubmitDocument', 'SubmitDocumentResponse', 'GetMessageStatus', 'GetMessageStatusResponse', 'Ping', 'PingResponse', 'fault', 'messageAnswer'])
})

test('the description of an answer leaves out no member of it', () => {
  type Described = Static<typeof messageAnswerSchema>
  expectTypeOf<keyof Described>().toEqualTypeOf<keyof MessageAnswer>()
  expectTypeOf<keyof Described['documents'][number]>().toEqualTypeOf<keyof AnsweredDocument>()
  expectTypeOf<keyof NonNullable<Described['parts']>[number]>().toEqualTypeOf<keyof AnsweredPart>()
  expectTypeOf<keyof Described['errors'][number]>().toEqualTypeOf<keyof Issue>()
})

test('the WSDL has each operation in the port type and in both bindings, with its request, answer, action and typed fault', () => {
  const wsdl = readWire('chainhub.wsdl')
  const operations = wsdl.children.filter(({ name }) => name === 'portType' || name === 'binding')
    .map((node) => node.children.flatMap((operation) => operation.name === 'operation' ? [attribute(operation, 'name')] : []))
  expect(operations).toEqual([0, 1, 2].map(() => ['SubmitDocument', 'GetMessageStatus', 'Ping']))
  for (const binding of wsdl.children.filter(({ name }) => name === 'binding')) {
    for (const operation of binding.children.filter(({ name, namespace }) => name === 'operation' && namespace === wsdl.namespace)) {
      expect(attribute(operation.children[0] ?? operation, 'soapAction')).toBe(`urn:chainhub:v1:${attribute(operation, 'name') ?? ''}`)
      expect(operation.children.at(-1)?.name).toBe('fault')
    }
  }
})
