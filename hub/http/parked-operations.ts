import { Type } from '@sinclair/typebox'
import type { Caller } from '../access/access.js'
import type { Result } from '../../schemas/result.js'
import type { Operation } from './operation.js'
import { countCursor, limitText, pageSize } from './parameters.js'
import { parkedDecisionAnswer, parkedListAnswer } from './parked-answers.js'

export const parkedStates = ['parked', 'held', 'skipped'] as const

export interface ParkedDeps {
  readonly parked: (wish: { readonly state: (typeof parkedStates)[number] | undefined, readonly limit: number, readonly cursor: string | undefined }) => Promise<Result<unknown>>
  readonly decide: (entry: number, action: 'retry' | 'skip', caller: Caller | undefined) => Promise<Result<unknown>>
}

const stateText = Type.String({ enum: [...parkedStates], description: 'Without it those that are not decided.', examples: ['parked'] })
const afterText = Type.String({ ...countCursor, examples: ['17'] })
const entryParams = Type.Object({ entry: Type.String({ pattern: '^[0-9]{1,15}$', description: 'The journal number of a parked entry; listParked has them.' }) })

/** Entries that a follower could not follow, and what is to become of them. */
export const parkedOperations = (deps: ParkedDeps): readonly Operation[] => [
  {
    id: 'listParked', method: 'GET', path: '/parked', tag: 'operations', audience: 'admin',
    summary: 'Documents that the CRM database refused, each with its cause, and those that wait for them',
    query: Type.Object({ state: Type.Optional(stateText), limit: Type.Optional(limitText), cursor: Type.Optional(afterText) }, { additionalProperties: false }),
    answer: parkedListAnswer,
    handle: ({ query }) => deps.parked({ state: parkedStates.find((state) => state === query['state']), limit: pageSize(query['limit']), cursor: query['cursor'] }),
  },
  ...(['retry', 'skip'] as const).map((action): Operation => ({
    id: `${action}Parked`, method: 'POST', path: `/parked/:entry/${action}`, tag: 'operations', audience: 'admin', params: entryParams,
    summary: action === 'retry' ? 'Follows a parked entry once more, and then what waits for it' : 'Leaves a parked entry out for good, and goes on with what waits for it',
    answer: parkedDecisionAnswer,
    handle: ({ params, caller }) => deps.decide(Number(params['entry']), action, caller),
  })),
]
