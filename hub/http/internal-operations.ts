import { Type } from '@sinclair/typebox'
import { ok, type Result } from '../../schemas/result.js'
import type { Operation, RawReply } from './operation.js'

export const ownerTasks = ['query', 'drill', 'parked', 'digest', 'rebuild', 'hurry'] as const
export type OwnerTask = (typeof ownerTasks)[number]

export interface InternalDeps {
  /** Does for another process what only the owner of a follower can. */
  readonly serve: (follower: string, task: OwnerTask, body: unknown) => Promise<Result<unknown> | RawReply>
}

const params = Type.Object({ follower: Type.String({ enum: ['crm', 'warehouse'] }), task: Type.String({ enum: [...ownerTasks] }) })
const anyObject = Type.Object({}, { additionalProperties: true })

/** What processes of one hub ask each other; nobody else may, and /openapi.json does not tell of it. Answered with a Result as it is, or with lines of JSON. */
export const internalOperations = (deps: InternalDeps): readonly Operation[] => [{
  id: 'askOwner', method: 'POST', path: '/internal/followers/:follower/:task', tag: 'operations', audience: 'process', params, body: anyObject,
  summary: 'Does for another process of the hub what only the owner of a follower can',
  answer: () => ({ description: 'A Result, or lines of JSON.', schema: anyObject, example: {} }),
  handle: async ({ params: given, body }) => {
    const task = ownerTasks.find((known) => known === given['task'])
    return ok(task === undefined ? undefined : await deps.serve(given['follower'] ?? '', task, body))
  },
}]
