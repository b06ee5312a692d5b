import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import { lazily } from '../../schemas/lazily.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { placeOf, sentenceOf } from '../../schemas/schema-sentence.js'

const closed = { additionalProperties: false } as const
const name = Type.String({ minLength: 1, maxLength: 100 })
const key = Type.Union([Type.String({ maxLength: 1200 }), Type.Integer(), Type.Null()])
const filters = Type.Array(Type.Object({ level: name, in: Type.Array(key, { maxItems: 10_000 }) }, closed), { maxItems: 50 })
/** Numbers may come as text, as the hub's JSON reader gives them. */
const count = (maximum: number): TSchema => Type.Union([Type.Integer({ minimum: 1, maximum }), Type.String({ pattern: '^[1-9][0-9]{0,5}$' })])

/** The body of `POST /cubes/{cube}/query`. */
export const cubeQuerySchema = Type.Object({
  rows: Type.Array(name, { maxItems: 12 }),
  columns: Type.Optional(Type.Array(name, { maxItems: 12 })),
  measures: Type.Array(name, { minItems: 1, maxItems: 30 }),
  filters: Type.Optional(filters),
  totals: Type.Optional(Type.Boolean()),
  order: Type.Optional(Type.Array(Type.Object({ by: name, direction: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])) }, closed), { maxItems: 12 })),
  limit: Type.Optional(Type.Unsafe<number | string>(count(100_000))),
}, { ...closed, title: 'A question to a cube' })
export type CubeQuery = Static<typeof cubeQuerySchema>

/** The body of `POST /cubes/{cube}/drill`: a cell as a question answered it, and the filters of that question. */
export const drillQuerySchema = Type.Object({
  cell: Type.Record(Type.String({ maxLength: 100 }), Type.Union([key, Type.Object({ key }, { additionalProperties: true })])),
  filters: Type.Optional(filters),
  limit: Type.Optional(Type.Unsafe<number | string>(count(1000))),
  cursor: Type.Optional(Type.String({ maxLength: 100 })),
}, { ...closed, title: 'The facts behind a cell' })
export type DrillQuery = Static<typeof drillQuerySchema>

const validators = lazily(() => {
  const ajv = new Ajv({ allErrors: false })
  return { query: ajv.compile<CubeQuery>(cubeQuerySchema), drill: ajv.compile<DrillQuery>(drillQuerySchema) }
})

/** Fails with `query-invalid` and the place for anything that is no cube query. */
export const parseCubeQuery = (body: unknown): Result<CubeQuery> => parse(validators().query, body)

/** Fails with `query-invalid` and the place for anything that is no drill query. */
export const parseDrillQuery = (body: unknown): Result<DrillQuery> => parse(validators().drill, body)

const parse = <T>(validate: ValidateFunction<T>, body: unknown): Result<T> => {
  if (validate(body)) return ok(body)
  const error = validate.errors?.[0]
  return error === undefined ? fail('query-invalid', 'body', 'The query is not valid.') : fail('query-invalid', placeOf(error), sentenceOf(error, 'member'))
}
