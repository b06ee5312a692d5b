import { ok, type Result } from '../../schemas/result.js'
import type { Warehouse } from '../../warehouse/open-warehouse.js'
import { cubeQuerySchema, drillQuerySchema } from '../../warehouse/query/cube-query.js'
import type { CubeDeps } from '../http/cube-operations.js'
import type { Followers } from './start-followers.js'

export const makeReports = (warehouse: Warehouse, followers: Followers): CubeDeps =>
  ({ cubes: () => ({ items: warehouse.cubes() }), schemas: { query: cubeQuerySchema, drill: drillQuerySchema }, query: aged(warehouse.query, followers), drill: aged(warehouse.drill, followers) })

/** Adds how far behind the journal the answer is: 0 when it knows of the last entry that this process has seen, else the time since its own last entry. */
const aged = <T extends { readonly journalSeq: number, readonly asOf: string | null }>(ask: (cube: string, body: unknown) => Promise<Result<T>>, followers: Followers) =>
  async (cube: string, body: unknown): Promise<Result<unknown>> => {
    const answer = await ask(cube, body)
    if (!answer.ok) return answer
    const { journalSeq, asOf } = answer.value
    const behind = followers.loops.crm.passed() > journalSeq && asOf !== null
    return ok({ ...answer.value, ageMs: behind ? Math.max(0, Date.now() - Date.parse(asOf)) : 0 })
  }
