import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../hub/ops/embedded-postgres.js'
import { projectFolder } from '../schemas/project-folder.js'
import { load, type LoadResult } from './load.js'
import { benchOrder } from './order.js'
import { processorMs } from './processor-time.js'
import { printRows, type BenchRow } from './table.js'
import { withServer, type BenchServer } from './with-server.js'

const seconds = 8
const warmUpSeconds = 3
const key = 'bench-admin-key-0123456789'

/**
 * Durable documents a second over HTTP: the whole hub, its followers following, beside a bare script, both on one PostgreSQL and with the load generator on
 * the same processors. The lag is the time from the last answer until both followers have passed the last document. Processor time is that of
 * the measured seconds and of the lag behind them.
 */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-bench-'))
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), databases: ['central', 'crm', 'bare'], log: () => undefined, onLost: (reason) => { throw new Error(reason) } })
  if (!postgres.ok) throw new Error(postgres.detail)
  const { urlOf, stop } = postgres.value
  try {
    const postgresPid = Number.parseInt(await readFile(join(folder, 'postgres', 'server', 'cluster', 'postmaster.pid'), 'utf8'), 10)
    const rows: BenchRow[] = []
    for (const connections of [16, 64]) {
      const bare = await withServer([projectFolder('dist', 'bench', 'bare-server.js'), urlOf('bare')], {}, ({ port }) => measure(port, '/in', connections))
      const hub = await withServer(
        [projectFolder('hub', 'chainhub.mjs'), 'start', '--port', '0', '--data', join(folder, 'hub')],
        { CHAINHUB_CENTRAL_URL: urlOf('central'), CHAINHUB_CRM_URL: urlOf('crm'), CHAINHUB_ADMIN_KEY: key, CHAINHUB_LOG_LEVEL: 'warn' },
        (server) => measureHub(server, postgresPid, connections),
      )
      rows.push(...rowsOf(connections, hub, bare))
    }
    printRows(rows, options)
  } finally {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

interface HubResult extends LoadResult {
  readonly lagMs: number
  /** Processor time of the hub's process and of PostgreSQL's, in ms. */
  readonly hubMs: number
  readonly postgresMs: number
}

const measureHub = async ({ port, pid }: BenchServer, postgresPid: number, connections: number): Promise<HubResult> => {
  await warmUp(port, '/in/demo-ubl', connections)
  await followed(port)
  const [hubBefore, postgresBefore] = await Promise.all([processorMs(pid), processorMs(postgresPid)])
  const result = await loaded(port, '/in/demo-ubl', connections)
  const endedMs = performance.now()
  await followed(port)
  const lagMs = performance.now() - endedMs
  const [hubAfter, postgresAfter] = await Promise.all([processorMs(pid), processorMs(postgresPid)])
  return { ...result, lagMs, hubMs: hubAfter - hubBefore, postgresMs: postgresAfter - postgresBefore }
}

/** Resolves when no follower is behind the journal any more. */
const followed = async (port: number): Promise<void> => {
  for (;;) {
    const ready = await (await fetch(`http://127.0.0.1:${port}/health/ready`)).text()
    const behind = [...ready.matchAll(/"behind":(\d+)/g)].map((match) => Number(match[1]))
    if (behind.length > 0 && behind.every((count) => count === 0)) return
    await sleep(10)
  }
}

const rowsOf = (connections: number, hub: HubResult, bare: LoadResult): readonly BenchRow[] => {
  const rival = 'bare fastify + fast-xml-parser + one insert'
  const row = (name: string, unit: string, value: number): BenchRow => ({ bench: 'ingest', case: `${name}, ${connections} connections`, value, unit })
  const beside = (name: string, unit: string, ours: number, theirs: number): BenchRow => ({ ...row(name, unit, ours), rival: `${rival}: ${theirs.toFixed(theirs < 100 ? 1 : 0)}`, ratio: ours / theirs })
  return [
    beside('durable 2 kB orders, followers on', '1/s', hub.perSecond, bare.perSecond),
    beside('p50', 'ms', hub.p50Ms, bare.p50Ms),
    beside('p99', 'ms', hub.p99Ms, bare.p99Ms),
    row('not answered 200', 'orders', hub.failed),
    row('followers\' lag at the end', 'ms', hub.lagMs),
    row('processor time, hub', 'ms/order', hub.hubMs / hub.answered),
    row('processor time, PostgreSQL', 'ms/order', hub.postgresMs / hub.answered),
  ]
}

let run = 0

const measure = async (port: number, path: string, connections: number): Promise<LoadResult> => {
  await warmUp(port, path, connections)
  return loaded(port, path, connections)
}

const warmUp = (port: number, path: string, connections: number): Promise<LoadResult> => loaded(port, path, connections, warmUpSeconds)

const loaded = (port: number, path: string, connections: number, forSeconds = seconds): Promise<LoadResult> => {
  run += 1
  const name = run
  const request = (n: number): string => {
    const body = benchOrder(`R${name}-${n}`)
    return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  }
  return load({ port, connections, seconds: forSeconds, request })
}
