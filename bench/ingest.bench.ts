import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startEmbeddedPostgres } from '../hub/ops/embedded-postgres.js'
import { projectFolder } from '../schemas/project-folder.js'
import { load, type LoadResult } from './load.js'
import { benchOrder } from './order.js'
import { printRows, type BenchRow } from './table.js'

const seconds = 8
const warmUpSeconds = 3
const key = 'bench-admin-key-0123456789'

/** Durable documents a second over HTTP: the whole hub beside a bare script, both on one PostgreSQL, load generator on the same processors. */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-bench-'))
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), databases: ['central', 'crm', 'bare'], log: () => undefined, onLost: (reason) => { throw new Error(reason) } })
  if (!postgres.ok) throw new Error(postgres.detail)
  const { urlOf, stop } = postgres.value
  try {
    const rows: BenchRow[] = []
    for (const connections of [16, 64]) {
      const bare = await withServer([projectFolder('dist', 'bench', 'bare-server.js'), urlOf('bare')], {}, (port) => measure(port, '/in', connections))
      const hub = await withServer(
        [projectFolder('hub', 'chainhub.mjs'), 'start', '--port', '0', '--data', join(folder, `hub-${connections}`)],
        { CHAINHUB_CENTRAL_URL: urlOf('central'), CHAINHUB_CRM_URL: urlOf('crm'), CHAINHUB_ADMIN_KEY: key, CHAINHUB_LOG_LEVEL: 'warn' },
        (port) => measure(port, '/in/demo-ubl', connections),
      )
      rows.push(...rowsOf(connections, hub, bare))
    }
    printRows(rows, options)
  } finally {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const rowsOf = (connections: number, hub: LoadResult, bare: LoadResult): readonly BenchRow[] => {
  const rival = 'bare fastify + fast-xml-parser + one insert'
  const row = (name: string, unit: string, ours: number, theirs: number): BenchRow => ({ bench: 'ingest', case: `${name}, ${connections} connections`, value: ours, unit, rival: `${rival}: ${theirs.toFixed(theirs < 100 ? 1 : 0)}`, ratio: ours / theirs })
  return [
    row('durable 2 kB orders, followers on', '1/s', hub.perSecond, bare.perSecond),
    row('p50', 'ms', hub.p50Ms, bare.p50Ms),
    row('p99', 'ms', hub.p99Ms, bare.p99Ms),
    { bench: 'ingest', case: `not answered 200, ${connections} connections`, value: hub.failed, unit: 'orders' },
  ]
}

let run = 0

const measure = async (port: number, path: string, connections: number): Promise<LoadResult> => {
  run += 1
  const name = run
  const request = (n: number): string => {
    const body = benchOrder(`R${name}-${n}`)
    return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  }
  await load({ port, connections, seconds: warmUpSeconds, request: (n) => request(n + 10_000_000) })
  return load({ port, connections, seconds, request })
}

/** Runs a server as a process of its own until `work` is done; it says `ready …PORT` on a line once it listens. */
const withServer = async <T>(args: readonly string[], environment: Readonly<Record<string, string>>, work: (port: number) => Promise<T>): Promise<T> => {
  const child = spawn(process.execPath, [...args], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    return await work(await portOf(child))
  } finally {
    await ended(child)
  }
}

const portOf = async (child: ChildProcess): Promise<number> => {
  if (child.stdout === null) throw new Error('The server has no output.')
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^ready .*?(\d+)$/.exec(line)?.[1]
    if (port !== undefined) {
      child.stdout.resume()
      return Number(port)
    }
  }
  throw new Error('The server ended before it was ready.')
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => {
  if (child.exitCode !== null) {
    resolve()
    return
  }
  child.once('exit', () => { resolve() })
  child.kill('SIGTERM')
})
