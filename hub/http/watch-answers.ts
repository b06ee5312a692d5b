import { Type } from '@sinclair/typebox'
import { processRoles } from '../process-roles.js'
import { instant, journalNumber, listOf, oneOf, orNull, uuid } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What tells how a process and the hub are. */

export const liveAnswer = (): AnswerDescription => ({
  description: 'The process answers.',
  schema: Type.Object({ status: Type.Literal('live') }),
  example: { status: 'live' },
})

const standing = () => ({
  journalSeq: Type.Integer({ minimum: 0, description: 'The last journal number that it has passed.' }),
  behind: Type.Integer({ minimum: 0, description: 'In journal entries.' }),
  lagMs: Type.Integer({ minimum: 0, description: 'How long, in ms, the first entry that it has not passed has been waiting.' }),
  owner: Type.Unsafe<string | null>({ ...orNull('string'), description: 'The process that keeps it; null where none does.' }),
  failing: Type.Optional(Type.Object({ before: Type.Integer(), reason: Type.String() }, { description: 'Why it stands still, and before which entry.' })),
})
const parkedCounts = () => ({ parked: Type.Integer({ minimum: 0, description: 'Documents that it cannot follow, see listParked.' }), held: Type.Integer({ minimum: 0, description: 'Documents that wait for these.' }) })
const exampleParked = { parked: 0, held: 0 }
const exampleId = '2f0a4a0e-5a39-4c55-9d9b-1d6a3b6f0c11'
const exampleStanding = { journalSeq: 13, behind: 0, lagMs: 0, owner: exampleId }

export const readyAnswer = (): AnswerDescription => ({
  description: 'Positions, lag and owners of the followers; `degraded` where one stands still or nobody keeps it.',
  schema: Type.Object({
    status: oneOf(['ready', 'degraded']), journalSeq: journalNumber(), process: Type.Object({ id: uuid(), roles: Type.Array(oneOf(processRoles)) }),
    followers: Type.Object({ crm: Type.Object({ ...standing(), ...parkedCounts() }), warehouse: Type.Object({ ...standing(), ...parkedCounts() }), deliveries: Type.Optional(Type.Object({ ...standing(), ...parkedCounts() }, { description: 'Where a process has the role deliveries.' })) }),
    relay: Type.Optional(Type.Object({ journalSeq: standing().journalSeq, behind: standing().behind, owner: standing().owner, failing: standing().failing }, { description: 'How far the journal has come to Kafka, in a process that can bring it there; `owner` is the one that does.' })),
    inbound: Type.Optional(Type.Object({ failing: Type.Optional(Type.String()) }, { description: 'Whether messages are taken from Kafka, in a process that does.' })),
    followFrom: Type.Optional(Type.Object({ using: oneOf(['kafka', 'table']), reason: Type.Optional(Type.String()) }, { description: 'Where this process\'s followers read the journal, where they may read Kafka.' })),
  }),
  example: { status: 'ready', journalSeq: 13, process: { id: exampleId, roles: [...processRoles] }, followers: { crm: { ...exampleStanding, ...exampleParked }, warehouse: { ...exampleStanding, ...exampleParked }, deliveries: { ...exampleStanding, ...exampleParked } } },
})

export const followersAnswer = (): AnswerDescription => ({
  description: '`{items, processes}`.',
  schema: listOf(Type.Object({ name: Type.String(), epoch: Type.Integer({ minimum: 1, description: 'How often it has changed hands.' }), ...standing(), ...parkedCounts() }), {
    processes: Type.Array(Type.Object({ id: uuid(), roles: Type.Array(oneOf(processRoles)), url: orNull('string'), version: Type.String(), host: Type.String(), pid: Type.Integer(), startedAt: instant(), heartbeatAt: instant() })),
  }),
  example: {
    items: [{ name: 'crm', epoch: 1, ...exampleStanding, ...exampleParked }, { name: 'deliveries', epoch: 1, ...exampleStanding, ...exampleParked }, { name: 'warehouse', epoch: 1, ...exampleStanding, ...exampleParked }],
    processes: [{ id: exampleId, roles: [...processRoles], url: 'http://127.0.0.1:8080', version: '0.1.0', host: 'hub-1', pid: 4711, startedAt: '2026-11-21T23:40:00.000Z', heartbeatAt: '2026-11-21T23:46:27.487Z' }],
  },
})

export const metricsAnswer = (): AnswerDescription => ({
  description: 'Metrics, each with its help and type.',
  contentType: 'text/plain',
  schema: Type.String({ pattern: '^# HELP ' }),
  example: '# HELP chainhub_journal_head The last journal number.\n# TYPE chainhub_journal_head gauge\nchainhub_journal_head 13\n',
})
