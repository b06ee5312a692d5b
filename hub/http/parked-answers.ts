import { Type } from '@sinclair/typebox'
import { parkedStates } from '../../schemas/parked-entry.js'
import { listOf, oneOf, orNull } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What is told of parked entries. */

export const parkedListAnswer = (): AnswerDescription => ({
  description: '`{items, next?}` in journal order; without `follower` of all followers, without `state` those that are not decided.',
  schema: listOf(Type.Object({
    follower: Type.String({ description: 'Who parked it.' }),
    entry: Type.Integer({ minimum: 1, description: 'Its journal number.' }),
    state: oneOf(parkedStates),
    cause: Type.Unsafe<string | null>({ ...orNull('string'), description: 'The SQLSTATE of the refusal, or the warehouse\'s class of it, see docs/operations.md; null where it is held.' }),
    detail: orNull('string'),
    heldBy: Type.Unsafe<number | null>({ ...orNull('integer'), description: 'The entry that it waits for.' }),
    holds: Type.Integer({ minimum: 0, description: 'How many entries wait for this one.' }),
    documentId: orNull('string'), messageId: orNull('string'), system: orNull('string'), kind: orNull('string'), number: orNull('string'),
  })),
  example: {
    items: [{
      follower: 'crm', entry: 17, state: 'parked', cause: '22008', detail: 'date/time field value out of range: "2026-02-31"', heldBy: null, holds: 2,
      documentId: '01a20081-0cd2-7000-9d19-c5a96423854e', messageId: '01a20081-0cbb-7000-aecf-5a6926a10cfa', system: 'nordlicht-erp', kind: 'invoice', number: '0090004711',
    }],
  },
})

export const parkedDecisionAnswer = (): AnswerDescription => ({
  description: 'What became of it: `followed`, or `parked` where it is refused again; `waiting` where the follower has not come to the decision within ten seconds.',
  schema: Type.Object({ follower: Type.String(), entry: Type.Integer({ minimum: 1 }), journalSeq: Type.Integer({ minimum: 1, description: 'The number of the decision.' }), state: oneOf(['followed', 'parked', 'held', 'skipped', 'waiting']) }),
  example: { follower: 'crm', entry: 17, journalSeq: 23, state: 'followed' },
})
