import { Type } from '@sinclair/typebox'
import type { Caller } from '../access/access.js'
import { parkedStates, type ParkedState } from '../../schemas/parked-entry.js'
import { fail, type Result } from '../../schemas/result.js'
import type { Operation } from './operation.js'
import { limitText, pageSize } from './parameters.js'
import { parkedDecisionAnswer, parkedListAnswer } from './parked-answers.js'

/** The followers that park, in the order of their names. */
export const parkingFollowers = ['crm', 'deliveries', 'warehouse'] as const
export type ParkingFollower = (typeof parkingFollowers)[number]

export interface ParkedDeps {
  /** Without a follower what all of them have parked. */
  readonly parked: (wish: { readonly follower: ParkingFollower | undefined, readonly state: ParkedState | undefined, readonly limit: number, readonly cursor: string | undefined }) => Promise<Result<unknown>>
  readonly decide: (follower: ParkingFollower, entry: number, action: 'retry' | 'skip', caller: Caller | undefined) => Promise<Result<unknown>>
}

const followerText = Type.String({ enum: [...parkingFollowers], description: 'Whose.', examples: ['crm'] })
const stateText = Type.String({ enum: [...parkedStates], description: 'Without it those that are not decided.', examples: ['parked'] })
const afterText = Type.String({ pattern: `^[0-9]{1,15}-(${parkingFollowers.join('|')})$`, description: 'The `next` of the page before.', examples: ['17-crm'] })
const entryParams = Type.Object({
  follower: Type.String({ enum: [...parkingFollowers], description: 'The follower that parked it.' }),
  entry: Type.String({ pattern: '^[0-9]{1,15}$', description: 'The journal number of a parked entry; listParked has them.' }),
})

const followerOf = (given: string | undefined): ParkingFollower | undefined => parkingFollowers.find((follower) => follower === given)

/** Entries that a follower could not follow, and what is to become of them. */
export const parkedOperations = (deps: ParkedDeps): readonly Operation[] => [
  {
    id: 'listParked', method: 'GET', path: '/parked', tag: 'operations', audience: 'admin',
    summary: 'Documents that a follower\'s database refused, each with its cause, and those that wait for them',
    query: Type.Object({ follower: Type.Optional(followerText), state: Type.Optional(stateText), limit: Type.Optional(limitText), cursor: Type.Optional(afterText) }, { additionalProperties: false }),
    answer: parkedListAnswer,
    handle: ({ query }) => deps.parked({ follower: followerOf(query['follower']), state: parkedStates.find((state) => state === query['state']), limit: pageSize(query['limit']), cursor: query['cursor'] }),
  },
  ...(['retry', 'skip'] as const).map((action): Operation => ({
    id: `${action}Parked`, method: 'POST', path: `/parked/:follower/:entry/${action}`, tag: 'operations', audience: 'admin', params: entryParams,
    summary: action === 'retry' ? 'Follows a parked entry once more, and then what waits for it' : 'Leaves a parked entry out for good, and goes on with what waits for it',
    answer: parkedDecisionAnswer,
    handle: ({ params, caller }) => {
      const follower = followerOf(params['follower'])
      return follower === undefined ? Promise.resolve(fail('not-found', 'follower', 'There is no such follower.')) : deps.decide(follower, Number(params['entry']), action, caller)
    },
  })),
]
