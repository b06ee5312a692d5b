import { Type } from '@sinclair/typebox'
import { instant, listOf, named, oneOf } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What the operations on registered schemas answer, with one small XSD as the example. */

export const exampleFile = {
  path: 'tally.xsd',
  text: '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:example:tally" elementFormDefault="qualified"><xs:element name="Tally" type="xs:integer"/></xs:schema>',
}
/** Of a set with that file alone. */
export const exampleVersion = 'fbba692cef1bb1f9'

const versionText = () => Type.String({ pattern: '^[0-9a-f]{16}$' })

const members = () => ({
  name: Type.String(),
  version: versionText(),
  mode: oneOf(['refuse', 'warn']),
  channels: Type.Array(Type.String(), { description: 'Empty means all.' }),
  format: Type.Optional(Type.String()),
  jsonRoot: Type.Optional(Type.String({ description: 'The JSON Schema that documents are held against.' })),
  registeredAt: instant(),
  registeredBy: Type.String({ description: 'The id of the key.' }),
})

const schemaSet = () => named('SchemaSet', Type.Object({ ...members(), elements: Type.Integer({ minimum: 0, description: 'How many root elements it is for.' }) }, { title: 'A registered schema set in force' }))

const exampleMembers = { name: 'tally', version: exampleVersion, mode: 'warn', channels: ['demo-ubl'], registeredAt: '2026-11-21T23:46:26.735Z', registeredBy: 'admin' }
const example = { ...exampleMembers, elements: 1 }

export const schemaSetAnswer = (): AnswerDescription => ({ description: 'The set in force.', schema: schemaSet(), example })

export const schemaSetListAnswer = (): AnswerDescription => ({ description: 'The sets in force, by name.', schema: listOf(schemaSet()), example: { items: [example] } })

export const schemaSetDetailAnswer = (): AnswerDescription => ({
  description: 'The set with its root elements, its files and every version that it had.',
  schema: Type.Object({
    ...members(),
    elements: Type.Array(Type.String({ description: '`{namespace}name`' })),
    files: Type.Array(Type.Object({ path: Type.String(), characters: Type.Integer({ minimum: 0 }) })),
    versions: Type.Array(Type.Object({ version: versionText(), registeredAt: instant(), parts: Type.Integer({ minimum: 0, description: 'How many parts of messages were held against it last.' }) })),
  }),
  example: { ...exampleMembers, elements: ['{urn:example:tally}Tally'], files: [{ path: exampleFile.path, characters: exampleFile.text.length }], versions: [{ version: exampleVersion, registeredAt: exampleMembers.registeredAt, parts: 12 }] },
})

export const schemaSetVersionAnswer = (): AnswerDescription => ({
  description: 'The files of the version.',
  schema: Type.Object({ name: Type.String(), version: versionText(), root: Type.Optional(Type.String()), files: Type.Array(Type.Object({ path: Type.String(), text: Type.String() })) }),
  example: { name: 'tally', version: exampleVersion, files: [exampleFile] },
})

export const schemaSetRemovedAnswer = (): AnswerDescription => ({ description: 'It is in force no more.', schema: Type.Object({ name: Type.String(), removed: Type.Literal(true) }), example: { name: 'tally', removed: true } })
