import { Type, type TSchema } from '@sinclair/typebox'
import { ok, type Result } from '../../schemas/result.js'
import type { Operation } from './operation.js'

export interface CubeDeps {
  readonly cubes: () => unknown
  readonly query: (cube: string, query: unknown) => Promise<Result<unknown>>
  readonly drill: (cube: string, query: unknown) => Promise<Result<unknown>>
}

const cubeParams = Type.Object({ cube: Type.String({ maxLength: 100 }) })
const example = <T extends TSchema>(schema: T, value: unknown): T => ({ ...schema, examples: [value] })
const anyObject = Type.Object({}, { additionalProperties: true })

/** Multidimensional reports. The warehouse checks queries against its model and says what exists. */
export const cubeOperations = (deps: CubeDeps): readonly Operation[] => [
  {
    id: 'listCubes', method: 'GET', path: '/cubes', tag: 'reports', audience: 'admin',
    summary: 'The cubes with their dimensions, levels and measures',
    answer: { description: '`{items}`.' },
    handle: () => Promise.resolve(ok(deps.cubes())),
  },
  {
    id: 'queryCube', method: 'POST', path: '/cubes/:cube/query', tag: 'reports', audience: 'admin', params: cubeParams,
    summary: 'Cells of a cube, exact and in one currency each',
    body: example(anyObject, { rows: ['customer', 'date.month'], measures: ['revenue'], totals: true }),
    answer: { description: 'The cells, current to `journalSeq`; `ageMs` is how far behind the journal they are.' },
    handle: ({ params, body }) => deps.query(params['cube'] ?? '', body),
  },
  {
    id: 'drillCube', method: 'POST', path: '/cubes/:cube/drill', tag: 'reports', audience: 'admin', params: cubeParams,
    summary: 'The facts behind a cell, each with its document and message',
    body: example(anyObject, { cell: { 'date.year': '2026' } }),
    answer: { description: '`{items, next?}`.' },
    handle: ({ params, body }) => deps.drill(params['cube'] ?? '', body),
  },
]
