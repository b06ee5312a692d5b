import { Type } from '@sinclair/typebox'
import type { Result } from '../../schemas/result.js'
import type { JobRun } from '../central/job-runs.js'
import type { ShownJob } from '../jobs/jobs.js'
import { instant, listOf, named, objectOf } from './answer-shapes.js'
import type { AnswerDescription, Operation } from './operation.js'
import { pageSize } from './parameters.js'

export interface JobsDeps {
  readonly list: () => Promise<Result<unknown>>
  readonly runs: (name: string, cursor: string | undefined, limit: number) => Promise<Result<unknown>>
  readonly runNow: (name: string) => Promise<Result<unknown>>
}

const jobRun = () => named('JobRun', objectOf<JobRun>({
  job: Type.String(),
  fireAt: Type.String({ format: 'date-time', description: 'When it was due.' }),
  attempts: Type.Integer({ minimum: 0, description: 'More than one where a hub died over it.' }),
  startedAt: instant(),
  finishedAt: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }),
  outcome: Type.Unsafe<JobRun['outcome']>({ enum: ['done', 'failed', null], description: 'Null while it runs.' }),
  detail: Type.Unsafe<unknown>({ description: 'What it says of itself.' }),
}, { title: 'One run of a job' }))

const exampleRun = { job: 'key-purge', fireAt: '2026-11-21T23:40:00.000Z', attempts: 1, startedAt: '2026-11-21T23:40:00.012Z', finishedAt: '2026-11-21T23:40:00.019Z', outcome: 'done', detail: { purged: 12 } }

const jobListAnswer = (): AnswerDescription => ({
  description: '`{items}`.',
  schema: listOf(objectOf<ShownJob>({ name: Type.String(), cron: Type.String({ description: 'Minute, hour, day of month, month, day of week; UTC.' }), nextAt: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }), lastRun: Type.Union([jobRun(), Type.Null()]) })),
  example: { items: [{ name: 'key-purge', cron: '*/10 * * * *', nextAt: '2026-11-21T23:50:00.000Z', lastRun: exampleRun }] },
})

const jobRunAnswer = (): AnswerDescription => ({ description: 'The run, finished.', schema: jobRun(), example: exampleRun })

const jobRunListAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, newest first; of the last 30 days.',
  schema: listOf(jobRun()),
  example: { items: [exampleRun], next: exampleRun.fireAt },
})

const jobParams = Type.Object({ name: Type.String({ pattern: '^[a-z0-9-]{1,63}$', examples: ['key-purge'] }) })
const runsQuery = Type.Object({
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$', description: 'How many items a page has: 50 without it, 500 at most.', examples: ['1'] })),
  cursor: Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9-]{5}T[0-9:.]{8,12}Z$', description: 'The `next` of the page before.', examples: ['2126-11-21T23:40:00.000Z'] })),
}, { additionalProperties: false })

/** Scheduled work. */
export const jobOperations = (deps: JobsDeps): readonly Operation[] => [
  {
    id: 'listJobs', method: 'GET', path: '/jobs', tag: 'operations', audience: 'admin',
    summary: 'What runs by itself, when it ran last and will run next',
    answer: jobListAnswer,
    handle: () => deps.list(),
  },
  {
    id: 'runJob', method: 'POST', path: '/jobs/:name/runs', tag: 'operations', audience: 'admin', params: jobParams,
    summary: 'Runs a job now, and answers when it is done',
    answer: jobRunAnswer,
    handle: ({ params }) => deps.runNow(params['name'] ?? ''),
  },
  {
    id: 'listJobRuns', method: 'GET', path: '/jobs/:name/runs', tag: 'operations', audience: 'admin', params: jobParams, query: runsQuery,
    summary: 'The runs of a job, newest first',
    answer: jobRunListAnswer,
    handle: ({ params, query }) => deps.runs(params['name'] ?? '', query['cursor'], pageSize(query['limit'])),
  },
]
