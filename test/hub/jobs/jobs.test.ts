import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { makeJobs, type Job, type Jobs } from '../../../hub/jobs/jobs.js'
import type { Database } from '../../../hub/ops/database.js'
import { newCentral, openCentral, silent, type Central } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const started: Jobs[] = []
afterEach(async () => { await Promise.all(started.splice(0).map((jobs) => jobs.stop())) })

const jobsOn = (database: Database): Jobs => {
  const jobs = makeJobs({ database, log: silent, lookEveryMs: 20 })
  started.push(jobs)
  return jobs
}

/** As if the job had been known for so long. */
const knownFor = (database: Database, name: string, days: number) =>
  database.query('insert into job (name, cron, known_since) values ($1, \'* * * * *\', now() - make_interval(days => $2))', [name, days])
const runsIn = (database: Database) => database.query<{ job: string, attempts: number, outcome: string, detail: unknown }>(
  'select job, attempts, case when finished_at is null then \'open\' when failed then \'failed\' else \'done\' end as outcome, detail from job_run order by fire_at')
const openRun = (database: Database, name: string, { attempts = 1, leaseSeconds }: { readonly attempts?: number, readonly leaseSeconds: number }) => database.query(
  'insert into job_run (job, fire_at, owner, attempts, lease_until) values ($1, date_trunc(\'minute\', now()), gen_random_uuid(), $2, clock_timestamp() + make_interval(secs => $3))', [name, attempts, leaseSeconds])

/** A job that counts its runs. */
const counting = (name: string, more: Partial<Job> = {}): Job & { readonly fired: string[] } => {
  const fired: string[] = []
  return { name, cron: '* * * * *', fired, run: ({ fireAt }) => { fired.push(fireAt); return Promise.resolve({ told: fired.length }) }, ...more }
}

const twoOn = async (): Promise<{ readonly central: Central, readonly other: Database }> => {
  const central = await newCentral(postgres)
  return { central, other: openCentral(central.url, central.schema) }
}

describe('a job', () => {
  it('runs once for each time it is due, whatever the number of processes, and what was missed for days is caught up once', async () => {
    const { central: { database }, other } = await twoOn()
    await knownFor(database, 'count', 3)
    const job = counting('count')
    for (const one of [database, other, database, other]) await jobsOn(one).add(job)
    await sleep(700)
    const runs = await runsIn(database)
    expect(runs.length).toBe(job.fired.length)
    expect(new Set(job.fired).size).toBe(job.fired.length)
    // A minute may have ended meanwhile.
    expect([1, 2]).toContain(runs.length)
    expect(runs.every(({ outcome, attempts }) => outcome === 'done' && attempts === 1)).toBe(true)
  })

  it('that is new has missed nothing, and one that skips what it missed neither', async () => {
    const { database } = await newCentral(postgres)
    const [fresh, skipping] = [counting('fresh', { cron: '0 0 1 1 *' }), counting('skipping', { cron: '0 0 1 1 *', missed: 'skip' })]
    await knownFor(database, 'skipping', 400)
    const jobs = jobsOn(database)
    await jobs.add(fresh)
    await jobs.add(skipping)
    await sleep(300)
    expect([...fresh.fired, ...skipping.fired]).toEqual([])
    expect(await jobs.list()).toMatchObject([{ name: 'fresh', nextAt: expect.stringMatching(/-01-01T00:00:00.000Z$/) as unknown, lastRun: null }, { name: 'skipping' }])
  })

  it('is taken over where its process died, and waits as long as that lives', async () => {
    const { database } = await newCentral(postgres)
    await openRun(database, 'count', { leaseSeconds: 30 })
    const job = counting('count', { cron: '0 0 1 1 *' })
    await jobsOn(database).add(job)
    await sleep(200)
    expect(job.fired).toEqual([])
    await database.query('update job_run set lease_until = clock_timestamp()')
    await expect.poll(() => job.fired.length).toBe(1)
    await expect.poll(() => runsIn(database)).toMatchObject([{ attempts: 2, outcome: 'done', detail: { told: 1 } }])
  })

  it('that every process died over is given up after the third', async () => {
    const { database } = await newCentral(postgres)
    await openRun(database, 'count', { attempts: 3, leaseSeconds: -1 })
    const job = counting('count', { cron: '0 0 1 1 *' })
    await jobsOn(database).add(job)
    await expect.poll(() => runsIn(database)).toMatchObject([{ attempts: 3, outcome: 'failed', detail: { reason: expect.stringContaining('died') as unknown } }])
    expect(job.fired).toEqual([])
  })

  it('that fails says why, and runs the next time', async () => {
    const { database } = await newCentral(postgres)
    const jobs = jobsOn(database)
    let failures = 1
    await jobs.add({ ...counting('count'), cron: '0 0 1 1 *', run: () => (failures-- > 0 ? Promise.reject(new Error('not now')) : Promise.resolve(undefined)) })
    expect(await jobs.runNow('count')).toMatchObject({ ok: true, value: { outcome: 'failed', detail: { reason: 'not now' } } })
    expect(await jobs.runNow('count')).toMatchObject({ ok: true, value: { outcome: 'done', detail: null } })
    expect(await jobs.runNow('nobody')).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('that the hub\'s stop ends is left to the next hub at once', async () => {
    const { central: { database }, other } = await twoOn()
    await knownFor(database, 'count', 1)
    const first = jobsOn(database)
    await first.add({ ...counting('count'), run: async ({ isStopped }) => { while (!isStopped()) await sleep(5); return undefined } })
    await expect.poll(() => runsIn(database)).toMatchObject([{ outcome: 'open' }])
    await first.stop()
    const job = counting('count')
    await jobsOn(other).add(job)
    await expect.poll(() => job.fired.length).toBeGreaterThan(0)
    await expect.poll(async () => (await runsIn(database))[0]).toMatchObject({ attempts: 1, outcome: 'done' })
  })
})
