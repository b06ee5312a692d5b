import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { startEmbeddedPostgres } from '../hub/ops/embedded-postgres.js'
import { projectFolder } from '../schemas/project-folder.js'
import { load, type LoadResult } from './load.js'
import { benchOrder } from './order.js'
import { processorMs } from './processor-time.js'
import { withServer, type BenchServer } from './with-server.js'

/** V8 has compiled what the hub runs by then. */
const warmUpOrders = 12_000
const mostWarmUpMs = 30_000
const key = 'bench-admin-key-0123456789'

export interface Measured extends LoadResult {
  /** Processor time of the server's own process and of PostgreSQL's, in ms an order. */
  readonly ownMs: number
  readonly postgresMs: number
}

/** One PostgreSQL for all that a benchmark of the intake compares, and a folder for what they write. */
export interface Bed {
  readonly urlOf: (database: string) => string
  readonly postgresPid: number
  readonly folder: string
}

export const withBed = async <T>(databases: readonly string[], work: (bed: Bed) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-bench-'))
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), databases, log: () => undefined, onLost: (reason) => { throw new Error(reason) } })
  if (!postgres.ok) throw new Error(postgres.detail)
  // As a hub does that has started.
  await postgres.value.prepareLog()
  try {
    return await work({ urlOf: postgres.value.urlOf, postgresPid: postgres.value.pid, folder })
  } finally {
    await postgres.value.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** As docs/operations.md has it for busy hubs; what they are compared with is started so too. */
export const busy = { NODE_OPTIONS: '--max-semi-space-size=64' } as const

interface HubOptions {
  /** The database that the messages are stored in. */
  readonly central?: string
  /** Tells processes of one hub apart. */
  readonly process?: number
}

export const withHub = <T>({ urlOf, folder }: Bed, roles: string, work: (server: BenchServer) => Promise<T>, { central = 'central', process = 1 }: HubOptions = {}): Promise<T> => withServer(
  [projectFolder('hub', 'chainhub.mjs'), 'start', '--port', '0', '--data', join(folder, `hub-${process}`)],
  { ...busy, CHAINHUB_ROLES: roles, CHAINHUB_CENTRAL_URL: urlOf(central), CHAINHUB_CRM_URL: urlOf('crm'), CHAINHUB_ADMIN_KEY: key, CHAINHUB_LOG_LEVEL: 'warn' },
  work,
)

export interface Load {
  readonly connections: number
  readonly seconds: number
  readonly perSecond?: number
}

/** Warms a server up and measures it. */
export const measure = async (bed: Bed, server: BenchServer, path: string, how: Load): Promise<Measured> => {
  await warmUp(server.port, path)
  return measureWarm(bed, server, path, how)
}

export const measureWarm = async ({ postgresPid }: Bed, { port, pid }: BenchServer, path: string, how: Load): Promise<Measured> => {
  const [ownBefore, postgresBefore] = await Promise.all([processorMs(pid), processorMs(postgresPid)])
  const result = await loaded(port, path, how)
  const [ownAfter, postgresAfter] = await Promise.all([processorMs(pid), processorMs(postgresPid)])
  return { ...result, ownMs: (ownAfter - ownBefore) / result.answered, postgresMs: (postgresAfter - postgresBefore) / result.answered }
}

export const warmUp = async (port: number, path: string): Promise<void> => {
  const untilMs = performance.now() + mostWarmUpMs
  for (let sent = 0; sent < warmUpOrders && performance.now() < untilMs;) sent += (await loaded(port, path, { connections: 64, seconds: 2 })).answered
}

let run = 0

/** Sends orders of which each has a number of its own. */
export const loaded = (port: number, path: string, how: Load): Promise<LoadResult> => {
  run += 1
  const name = run
  const request = (n: number): string => {
    const body = benchOrder(`R${name}-${n}`)
    return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  }
  return load({ port, request, ...how })
}

/** The bytes of a process that are in memory; 0 where there is no /proc. */
export const residentOf = async (pid: number): Promise<number> => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1] ?? 0) * 1024

/** In percent a minute of samples taken once a second, from the middle of the first third to that of the last, each by its mean: a single garbage collection is more than a minute's growth. */
export const growthPerMinute = (samples: readonly number[]): number => {
  const third = Math.floor(samples.length / 3)
  const mean = (part: readonly number[]): number => part.reduce((sum, bytes) => sum + bytes, 0) / Math.max(part.length, 1)
  const [first, last] = [mean(samples.slice(0, third)), mean(samples.slice(-third))]
  return third === 0 ? 0 : (last / first - 1) * 100 / (2 * third / 60)
}
