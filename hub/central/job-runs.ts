import type { Database, Tx } from '../ops/database.js'

/** One time at which a job was due, and who ran it. Instants are UTC, by PostgreSQL's clock. */
export interface JobRun {
  readonly job: string
  readonly fireAt: string
  /** How often it was begun: again where the one who ran it died. */
  readonly attempts: number
  readonly startedAt: string
  readonly finishedAt: string | null
  /** Null while it runs. */
  readonly outcome: 'done' | 'failed' | null
  /** What it says of itself. */
  readonly detail: unknown
}

interface JobRow {
  readonly name: string
  readonly cron: string
  readonly knownSince: string
}

/** A run that this process has to do: the one that is due, or one whose owner died. */
export interface ClaimedRun {
  readonly fireAt: string
  readonly attempts: number
}

/** How long a claim holds without being renewed, in seconds. */
export const leaseSeconds = 60
/** How often a run is begun. */
const mostAttempts = 3
const lease = `clock_timestamp() + interval '${leaseSeconds} seconds'`

/** Makes a job known, and gives since when it is. */
export const upsertJob = async (tx: Tx, name: string, cron: string): Promise<JobRow> => {
  const [row] = await tx.query<JobRow>(`
    insert into job (name, cron) values ($1, $2) on conflict (name) do update set cron = excluded.cron returning name, cron, known_since as "knownSince"`, [name, cron])
  if (row === undefined) throw new Error(`The job ${name} could not be kept.`)
  return row
}

export const databaseNowMs = async (tx: Tx): Promise<number> => {
  const [row] = await tx.query<{ now: string }>('select clock_timestamp() as now')
  return Date.parse(row?.now ?? '')
}

/**
 * Takes the run of `fireAt` (UTC), unless somebody took it before; or one whose owner let its claim run out. Undefined where there is nothing to run, or another run of
 * the job lasts: of one job one run at a time.
 */
export const claimRun = (database: Database, job: string, fireAt: string | undefined, owner: string): Promise<ClaimedRun | undefined> =>
  database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`chainhub job ${job}`])
    await giveUp(tx, job)
    const [open] = await openRuns(tx, job)
    if (open !== undefined) return open.expired ? takeOver(tx, job, open.fireAt, owner) : undefined
    return fireAt === undefined ? undefined : insertRun(tx, job, fireAt, owner)
  })

const giveUp = (tx: Tx, job: string) => tx.query(`
  update job_run set finished_at = clock_timestamp(), failed = true, detail = json_build_object('reason', 'Each process that began it died.')
  where job = $1 and finished_at is null and lease_until <= clock_timestamp() and attempts >= ${mostAttempts}`, [job])

const openRuns = (tx: Tx, job: string) => tx.query<{ fireAt: string, expired: boolean }>(
  'select fire_at as "fireAt", lease_until <= clock_timestamp() as expired from job_run where job = $1 and finished_at is null order by fire_at', [job])

const takeOver = async (tx: Tx, job: string, fireAt: string, owner: string): Promise<ClaimedRun | undefined> => (await tx.query<ClaimedRun>(`
  update job_run set owner = $3, attempts = attempts + 1, lease_until = ${lease} where job = $1 and fire_at = $2 returning fire_at as "fireAt", attempts`, [job, fireAt, owner]))[0]

const insertRun = async (tx: Tx, job: string, fireAt: string, owner: string): Promise<ClaimedRun | undefined> => (await tx.query<ClaimedRun>(`
  insert into job_run (job, fire_at, owner, lease_until) values ($1, $2, $3, ${lease}) on conflict (job, fire_at) do nothing returning fire_at as "fireAt", attempts`, [job, fireAt, owner]))[0]

/** Keeps a claim; false where another took the run over. */
export const renewRun = async (tx: Tx, job: string, fireAt: string, owner: string): Promise<boolean> => (await tx.query(`
  update job_run set lease_until = ${lease} where job = $1 and fire_at = $2 and owner = $3 and finished_at is null returning 1`, [job, fireAt, owner])).length > 0

export const finishRun = (tx: Tx, run: { readonly job: string, readonly fireAt: string, readonly owner: string, readonly failed: boolean, readonly detail: unknown }): Promise<unknown> => tx.query(`
  update job_run set finished_at = clock_timestamp(), failed = $4, detail = $5 where job = $1 and fire_at = $2 and owner = $3 and finished_at is null`,
[run.job, run.fireAt, run.owner, run.failed, run.detail === undefined ? null : JSON.stringify(run.detail)])

/** Lets go of a run that is to be taken over at once, since its process stops. */
export const releaseRun = (tx: Tx, job: string, fireAt: string, owner: string): Promise<unknown> => tx.query(`
  update job_run set lease_until = clock_timestamp(), attempts = attempts - 1 where job = $1 and fire_at = $2 and owner = $3 and finished_at is null`, [job, fireAt, owner])

const runColumns = 'job, fire_at as "fireAt", attempts, started_at as "startedAt", finished_at as "finishedAt", case when finished_at is null then null when failed then \'failed\' else \'done\' end as outcome, detail'

/** The runs of a job, the latest first; before an instant where one is given. */
export const runsOf = (tx: Tx, job: string, before: string | undefined, limit: number): Promise<readonly JobRun[]> =>
  tx.query<JobRun>(`select ${runColumns} from job_run where job = $1 and ($2::timestamptz is null or fire_at < $2) order by fire_at desc limit $3`, [job, before ?? null, limit])

/** An instant within JSON, as it is written elsewhere. */
const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Every job with its latest run. */
export const jobsWithLastRun = (tx: Tx): Promise<readonly (JobRow & { readonly lastRun: JobRun | null })[]> => tx.query(`
  select name, cron, known_since as "knownSince", (
    select json_build_object('job', job, 'fireAt', ${utc('fire_at')}, 'attempts', attempts, 'startedAt', ${utc('started_at')}, 'finishedAt', ${utc('finished_at')},
      'outcome', case when finished_at is null then null when failed then 'failed' else 'done' end, 'detail', detail)
    from job_run where job_run.job = job.name order by fire_at desc limit 1) as "lastRun"
  from job order by name`)

/** Forgets finished runs that are older than `days`, but for the latest of each job. */
export const forgetRuns = async (tx: Tx, days: number): Promise<number> => (await tx.query(`
  delete from job_run run where finished_at < clock_timestamp() - make_interval(days => $1) and exists (select from job_run later where later.job = run.job and later.fire_at > run.fire_at) returning 1`, [days])).length
