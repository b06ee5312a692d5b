import { randomUUID } from 'node:crypto'
import { schedule } from 'node-cron'
import { fail, ok, type Result } from '../../schemas/result.js'
import { claimRun, databaseNowMs, finishRun, jobsWithLastRun, leaseSeconds, releaseRun, renewRun, runsOf, upsertJob, type ClaimedRun, type JobRun } from '../central/job-runs.js'
import type { Database } from '../ops/database.js'
import { readCron, type CronTimes } from './cron-times.js'

interface JobsDeps {
  readonly database: Database
  readonly log: { readonly info: (fields: object, text: string) => void, readonly error: (fields: object, text: string) => void }
  /** How often it is looked whether something is due that no trigger told of: missed while no hub ran, or left by one that died. In ms; 20 s unless given. */
  readonly lookEveryMs?: number
}

export interface Job {
  /** `key-purge` */
  readonly name: string
  /** Five fields, UTC. */
  readonly cron: string
  /** What is done about a time that was missed: it is caught up once, however often it was missed, or left. Caught up unless said. */
  readonly missed?: 'once' | 'skip'
  /** What it says of itself is kept with the run. */
  readonly run: (context: JobContext) => Promise<object | undefined>
}

interface JobContext {
  /** When it was due, UTC. */
  readonly fireAt: string
  /** True once it should end soon: the hub stops, or another has taken the run over. */
  readonly isStopped: () => boolean
}

export interface ShownJob {
  readonly name: string
  readonly cron: string
  /** UTC; null where this process does not know the job. */
  readonly nextAt: string | null
  readonly lastRun: JobRun | null
}

export interface Jobs {
  /** Makes a job known and lets it run whenever it is due, in one process of all that know it. Throws where its times cannot be read. */
  readonly add: (job: Job) => Promise<void>
  /** Runs a job now, whatever its times, and gives its run once it is done. Fails with not-found, and with data-in-use while it runs. */
  readonly runNow: (name: string) => Promise<Result<JobRun>>
  readonly list: () => Promise<readonly ShownJob[]>
  readonly runs: (name: string, before: string | undefined, limit: number) => Promise<readonly JobRun[]>
  /** Begins no run any more and waits for those that are at work. */
  readonly stop: () => Promise<void>
}

interface KnownJob extends Job {
  readonly times: CronTimes
  readonly knownSinceMs: number
}

/** A missed time of a job that skips them is one that is older than this. */
const onTimeMs = 60_000

/** Scheduled work that is done once for each time it is due, however many processes know it. */
export const makeJobs = (deps: JobsDeps): Jobs => {
  const { database, log } = deps
  const known = new Map<string, KnownJob>()
  const working = new Set<Promise<unknown>>()
  const closers: (() => unknown)[] = []
  let stopped = false

  const dueAt = ({ times, missed, knownSinceMs }: KnownJob, nowMs: number): string | undefined => {
    const lastMs = times.lastAt(nowMs)
    if (lastMs === undefined || lastMs < knownSinceMs || (missed === 'skip' && nowMs - lastMs > onTimeMs)) return undefined
    return new Date(lastMs).toISOString()
  }
  const track = async <T>(work: Promise<T>): Promise<T> => {
    working.add(work)
    try {
      return await work
    } finally {
      working.delete(work)
    }
  }
  const look = async (job: KnownJob): Promise<void> => {
    if (stopped) return
    const owner = randomUUID()
    const claimed = await claimRun(database, job.name, dueAt(job, await databaseNowMs(database)), owner)
    if (claimed !== undefined) await runClaimed(deps, job, claimed, owner, () => stopped)
  }
  const lookAt = (job: KnownJob): Promise<void> => track(look(job)).catch((err: unknown) => { log.error({ err, job: job.name }, 'a job could not be looked after; it will be again') })
  return {
    add: async (job) => {
      const times = readCron(job.cron)
      if (!times.ok) throw new Error(`${job.name}: ${times.detail}`)
      const { knownSince } = await upsertJob(database, job.name, job.cron)
      const one = { ...job, times: times.value, knownSinceMs: Date.parse(knownSince) }
      known.set(job.name, one)
      const task = schedule(job.cron, () => lookAt(one), { timezone: 'UTC', unref: true, suppressMissedWarning: true })
      const timer = setInterval(() => { void lookAt(one) }, deps.lookEveryMs ?? 20_000).unref()
      closers.push(() => task.destroy(), () => { clearInterval(timer) })
      void lookAt(one)
    },
    runNow: async (name) => {
      const job = known.get(name)
      if (job === undefined) return fail('not-found', 'job', `There is no job '${name}'; there are ${[...known.keys()].join(', ')}.`)
      const owner = randomUUID()
      const claimed = await claimRun(database, name, new Date(await databaseNowMs(database)).toISOString(), owner)
      if (claimed === undefined) return fail('data-in-use', 'job', `The job '${name}' is running.`)
      await track(runClaimed(deps, job, claimed, owner, () => stopped))
      const [run] = (await runsOf(database, name, undefined, 10)).filter(({ fireAt }) => fireAt === claimed.fireAt)
      return run === undefined ? fail('not-found', 'job', 'The run is not kept any more.') : ok(run)
    },
    list: async () => {
      const nowMs = await databaseNowMs(database)
      return (await jobsWithLastRun(database)).map(({ name, cron, lastRun }) => {
        const nextMs = known.get(name)?.times.nextAfter(nowMs)
        return { name, cron, nextAt: nextMs === undefined ? null : new Date(nextMs).toISOString(), lastRun }
      })
    },
    runs: (name, before, limit) => runsOf(database, name, before, limit),
    stop: async () => {
      stopped = true
      for (const close of closers) await close()
      await Promise.all(working)
    },
  }
}

/** Does a run that was claimed and writes down how it ended; the claim is renewed meanwhile. One that is ended by the hub's stop is left to the next hub. */
const runClaimed = async ({ database, log }: JobsDeps, job: Job, { fireAt, attempts }: ClaimedRun, owner: string, isStopping: () => boolean): Promise<void> => {
  let lost = false
  const renewing = setInterval(() => {
    renewRun(database, job.name, fireAt, owner).then((isOurs) => { lost ||= !isOurs }, (err: unknown) => { log.error({ err, job: job.name }, 'the claim of a job could not be renewed') })
  }, leaseSeconds * 1000 / 4)
  try {
    const detail = await job.run({ fireAt, isStopped: () => lost || isStopping() })
    if (isStopping()) await releaseRun(database, job.name, fireAt, owner)
    else await finishRun(database, { job: job.name, fireAt, owner, failed: false, detail })
  } catch (err) {
    log.error({ err, job: job.name, fireAt, attempts }, 'a job failed')
    await finishRun(database, { job: job.name, fireAt, owner, failed: true, detail: { reason: err instanceof Error ? err.message : String(err) } })
  } finally {
    clearInterval(renewing)
  }
}
