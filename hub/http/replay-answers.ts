import { Type } from '@sinclair/typebox'
import { issueSchema } from '../../schemas/wire/wire-schema.js'
import type { ReplayItem, ReplayRow } from '../central/replays.js'
import type { DocumentChange, ReplayDiff } from '../intake/replay.js'
import { documentKind, instant, listOf, named, objectOf, oneOf, orNull, uuid } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What replays answer, with the demo chain's first order as the example. */

const anything = () => Type.Unsafe<unknown>({})
const storedOutcome = () => oneOf(['accepted', 'duplicate', 'partial', 'rejected', 'running'])

const countsOf = <Name extends string>(names: readonly Name[], description: string) =>
  Type.Unsafe<Readonly<Record<Name, number>>>(Type.Object(Object.fromEntries(names.map((name) => [name, Type.Integer({ minimum: 0 })])), { description }))

export const replayDiffSchema = () => named('ReplayDiff', objectOf<ReplayDiff>({
  messageId: uuid(),
  differs: Type.Boolean({ description: 'Whether anything would change.' }),
  outcome: Type.Object({ before: storedOutcome(), after: storedOutcome() }),
  mappingVersion: Type.Object({ before: orNull('string'), after: orNull('string') }),
  functionsChanged: Type.Optional(Type.Literal(true, { description: 'The functions beside the map are others today than with this version; those of today were run.' })),
  engineChanged: Type.Optional(Type.Literal(true, { description: 'The engine reads maps otherwise today than when this version was kept.' })),
  parts: Type.Optional(countsOf(['unchanged', 'changed', 'noLongerRefused', 'newlyRefused', 'stillRefused', 'stale', 'added', 'gone'], 'Of a giant: how many of its parts would come to what. `newlyRefused`: what was accepted of them stays.')),
  documentCounts: Type.Optional(countsOf(['unchanged', 'changed', 'added', 'stale', 'gone'], 'Of a giant: how many documents; `documents` lists the first hundred that would change and the first hundred of the others that are not unchanged.')),
  documents: Type.Array(objectOf<DocumentChange>({
    part: Type.Integer({ minimum: 1 }),
    place: Type.Optional(Type.String({ description: 'Of a giant: where its part begins, `line:column` in the whole.' })),
    kind: documentKind(),
    number: Type.String(),
    change: Type.Unsafe<DocumentChange['change']>({ ...oneOf(['unchanged', 'changed', 'added', 'stale', 'gone']), description: '`stale`: a later message has replaced it. `gone`: this mapping gives it no more; what was accepted stays.' }),
    revision: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'The current one.' }),
    differences: Type.Optional(Type.Array(Type.Object({ path: Type.String(), before: Type.Optional(anything()), after: Type.Optional(anything()) }))),
    moreDifferences: Type.Optional(Type.Integer({ minimum: 1 })),
  })),
  moreDocuments: Type.Optional(Type.Integer({ minimum: 1, description: 'Of a giant: how many there are beyond those listed.' })),
  errors: Type.Object({ gone: Type.Array(issueSchema), come: Type.Array(issueSchema) }),
  moreErrors: Type.Optional(Type.Object({ gone: Type.Integer({ minimum: 0 }), come: Type.Integer({ minimum: 0 }) })),
}, { title: 'What a replay would change' }))

const exampleDiff = {
  messageId: '01a20081-0b2f-7000-a905-98d673f2cdf3', differs: true, outcome: { before: 'accepted', after: 'accepted' }, mappingVersion: { before: '049af283f73e2de2', after: '5b1f0c4a7d2e9a61' },
  documents: [{ part: 1, kind: 'order', number: 'PO-2026-0815', change: 'changed', revision: 1, differences: [{ path: 'lines[number=2].item.brand', after: 'Lotus' }] }],
  errors: { gone: [], come: [] },
}

const replayRun = () => named('Replay', objectOf<ReplayRow>({
  id: uuid(),
  askedAt: instant(),
  askedBy: Type.String({ description: 'The id of the key.' }),
  selection: Type.Object({}, { additionalProperties: true, description: 'The filter or the ids, as they were given.' }),
  mapping: orNull('string'),
  dryRun: Type.Boolean(),
  finishedAt: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }),
  messages: Type.Integer({ minimum: 0 }),
  done: Type.Integer({ minimum: 0 }),
  outcomes: Type.Record(Type.String(), Type.Integer(), { description: 'How many messages came to each outcome, or would; of those that could not be run the code of the error.' }),
  differing: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'Of a dry run: of how many messages something would change.' }),
}, { title: 'A replay of a selection' }))

const exampleRun = {
  id: '01a20081-1b2f-7000-a905-98d673f2cd00', askedAt: '2026-11-21T23:46:26.735Z', askedBy: 'operator', selection: { filter: { channel: 'demo-ubl' } }, mapping: null, dryRun: true,
  finishedAt: '2026-11-21T23:46:27.012Z', messages: 5, done: 5, outcomes: { accepted: 5 }, differing: 1,
}

export const replayRunAnswer = (): AnswerDescription => ({
  description: 'The replay, with how far it is.',
  schema: replayRun(),
  example: exampleRun,
  links: [{ to: 'getReplay', parameter: 'id', from: '/id' }, { to: 'listReplayItems', parameter: 'id', from: '/id' }],
})

export const replayListAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, newest first.',
  schema: listOf(replayRun()),
  example: { items: [exampleRun], next: exampleRun.id },
  links: [{ to: 'listReplays', parameter: 'cursor', from: '/next' }],
})

export const replayItemsAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, in the order in which they are run.',
  schema: listOf(objectOf<ReplayItem>({
    messageId: uuid(), done: Type.Boolean(), outcome: orNull('string'),
    changes: Type.Unsafe<unknown>({ type: ['object', 'null'], description: 'Of a dry run the diff; else the documents and errors of the answer; or why it could not be run.' }),
  })),
  example: { items: [{ messageId: exampleDiff.messageId, done: true, outcome: 'accepted', changes: exampleDiff }] },
})
