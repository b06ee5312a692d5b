import { Type, type Static } from '@sinclair/typebox'
import type { Result } from '../../schemas/result.js'
import type { Operation } from './operation.js'
import { exampleFile, exampleVersion, schemaSetAnswer, schemaSetDetailAnswer, schemaSetListAnswer, schemaSetRemovedAnswer, schemaSetVersionAnswer } from './schema-set-answers.js'

const nameText = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,62}$', examples: ['tally'] })
const nameParams = Type.Object({ name: nameText })
const versionParams = Type.Object({ name: nameText, version: Type.String({ pattern: '^[0-9a-f]{16}$', examples: [exampleVersion] }) })

const setBody = Type.Object({
  files: Type.Array(Type.Object({ path: Type.String({ minLength: 1, maxLength: 500 }), text: Type.String({ minLength: 1 }) }, { additionalProperties: false }), { minItems: 1, maxItems: 2000 }),
  channels: Type.Optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: 200 })),
  mode: Type.Optional(Type.Unsafe<'refuse' | 'warn'>(Type.String({ enum: ['refuse', 'warn'] }))),
  root: Type.Optional(Type.String({ maxLength: 500, description: 'The JSON Schema that documents are held against, where no single one is left that no other refers to.' })),
  format: Type.Optional(Type.String({ maxLength: 200, description: 'JSON documents of this format only, like shop-json/order.' })),
}, { additionalProperties: false })

const setExamples = { oneXsd: { files: [exampleFile], channels: ['demo-ubl'], mode: 'warn' } }

/** What is to be registered. */
export type SchemaSetWish = Static<typeof setBody>

export interface SchemaSetDeps {
  readonly register: (name: string, wish: SchemaSetWish, by: string) => Promise<Result<unknown>>
  readonly list: () => Promise<Result<unknown>>
  readonly describe: (name: string) => Promise<Result<unknown>>
  readonly version: (name: string, version: string) => Promise<Result<unknown>>
  readonly remove: (name: string) => Promise<Result<unknown>>
}

/** Schemas of partners and standards that documents are held against before they are mapped. */
export const schemaSetOperations = (deps: SchemaSetDeps): readonly Operation[] => [
  {
    id: 'putSchemaSet', method: 'PUT', path: '/schema-sets/:name', tag: 'schemas', audience: 'admin', params: nameParams, body: setBody,
    bodyDescription: () => ({ schema: setBody, examples: setExamples }),
    summary: 'Registers XSDs and JSON Schemas under a name, in place of those before; nothing is stored where one is not valid',
    answer: schemaSetAnswer,
    handle: ({ params, body, caller }) => deps.register(params['name'] ?? '', body as SchemaSetWish, caller?.keyId ?? ''),
  },
  {
    id: 'listSchemaSets', method: 'GET', path: '/schema-sets', tag: 'schemas', audience: 'admin',
    summary: 'The registered schema sets in force, by name',
    answer: schemaSetListAnswer,
    handle: () => deps.list(),
  },
  {
    id: 'getSchemaSet', method: 'GET', path: '/schema-sets/:name', tag: 'schemas', audience: 'admin', params: nameParams,
    summary: 'One schema set: its root elements, its files, every version that it had and how many parts of messages were held against each',
    answer: schemaSetDetailAnswer,
    handle: ({ params }) => deps.describe(params['name'] ?? ''),
  },
  {
    id: 'getSchemaSetVersion', method: 'GET', path: '/schema-sets/:name/versions/:version', tag: 'schemas', audience: 'admin', params: versionParams,
    summary: 'The files of a version, in force or not',
    answer: schemaSetVersionAnswer,
    handle: ({ params }) => deps.version(params['name'] ?? '', params['version'] ?? ''),
  },
  {
    id: 'deleteSchemaSet', method: 'DELETE', path: '/schema-sets/:name', tag: 'schemas', audience: 'admin', params: nameParams,
    summary: 'Takes a schema set out of force; its versions stay, for the messages that were held against them',
    answer: schemaSetRemovedAnswer,
    handle: ({ params }) => deps.remove(params['name'] ?? ''),
  },
]
