import { Type } from '@sinclair/typebox'
import { ok, type Result } from '../../schemas/result.js'
import { cubeAnswer, cubeListAnswer, drillAnswer } from './cube-answers.js'
import type { Operation } from './operation.js'

export interface CubeDeps {
  readonly cubes: () => Promise<unknown>
  /** JSON Schemas of the bodies, which the warehouse itself holds them against. */
  readonly schemas: { readonly query: object, readonly drill: object }
  readonly query: (cube: string, query: unknown) => Promise<Result<unknown>>
  readonly drill: (cube: string, query: unknown) => Promise<Result<unknown>>
}

const cubeParams = Type.Object({ cube: Type.String({ maxLength: 100, examples: ['sales'] }) })
const anyObject = Type.Object({}, { additionalProperties: true })

const queryExamples = {
  revenueByCustomerAndMonth: { rows: ['customer', 'date.month'], measures: ['revenue'], totals: true },
  bestCustomersOfAYear: { rows: ['customer'], measures: ['revenue'], filters: [{ level: 'date.year', in: ['2026'] }], order: [{ by: 'revenue', direction: 'desc' }], limit: 10 },
  pivot: { rows: ['product'], columns: ['date.quarter'], measures: ['revenue'] },
}
const drillExamples = {
  aYear: { cell: { 'date.year': '2026' } },
  aCellAsAnswered: { cell: { 'customer': { key: '7402fa05-960f-88e6-8b0e-408f1f6869eb', name: '上海莲花贸易有限公司' }, 'date.month': '2026-03', 'currency': 'CNY', 'revenue': '1186' }, limit: 1 },
}

/** Multidimensional reports. The warehouse checks queries against its model and says what exists. */
export const cubeOperations = (deps: CubeDeps): readonly Operation[] => [
  {
    id: 'listCubes', method: 'GET', path: '/cubes', tag: 'reports', audience: 'admin',
    summary: 'The cubes with their dimensions, levels and measures',
    answer: cubeListAnswer,
    handle: async () => ok(await deps.cubes()),
  },
  {
    id: 'queryCube', method: 'POST', path: '/cubes/:cube/query', tag: 'reports', audience: 'admin', params: cubeParams,
    summary: 'Cells of a cube, exact and in one currency each',
    body: anyObject,
    bodyDescription: () => ({ schema: deps.schemas.query, examples: queryExamples }),
    answer: cubeAnswer,
    handle: ({ params, body }) => deps.query(params['cube'] ?? '', body),
  },
  {
    id: 'drillCube', method: 'POST', path: '/cubes/:cube/drill', tag: 'reports', audience: 'admin', params: cubeParams,
    summary: 'The facts behind a cell, each with its document and message',
    body: anyObject,
    bodyDescription: () => ({ schema: deps.schemas.drill, examples: drillExamples }),
    answer: drillAnswer,
    handle: ({ params, body }) => deps.drill(params['cube'] ?? '', body),
  },
]
