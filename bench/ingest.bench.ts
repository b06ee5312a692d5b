import { setTimeout as sleep } from 'node:timers/promises'
import { projectFolder } from '../schemas/project-folder.js'
import { growthPerMinute, measure, residentOf, withBed, withHub, type Bed, type Measured } from './ingest-bed.js'
import { installNodeRed } from './node-red.js'
import { printRows, type BenchRow } from './table.js'
import { withServer, type BenchServer } from './with-server.js'

const seconds = 8
/** What the whole hub is offered, in orders a second. */
const offered = 1500

interface Options {
  readonly json: boolean
  /** For how long the whole hub takes orders with its followers on; 20 s without. */
  readonly minutes?: number
  readonly only?: string
}

/** What runs alone with `--only`. */
export const parts = ['intake', 'whole'] as const

/**
 * Durable documents a second over HTTP, with the load generator and PostgreSQL on the same processors: the intake alone beside a bare script and beside Node-RED, one after another on one
 * PostgreSQL, and the whole hub at the rate that it is asked for, with how far its followers are behind and how its memory grows.
 */
export const bench = async (options: Options): Promise<void> => {
  const runs = (part: (typeof parts)[number]): boolean => options.only === undefined || options.only === part
  const forSeconds = options.minutes === undefined ? 20 : options.minutes * 60
  printRows(await withBed(['central', 'crm', 'rivals'], async (bed) => [
    ...runs('intake') ? await measureIntake(bed) : [],
    ...runs('whole') ? await withHub(bed, 'all', (server) => measureFollowing(bed, server, forSeconds)) : [],
  ]), options)
}

const measureIntake = async (bed: Bed): Promise<readonly BenchRow[]> => {
  const nodeRed = await installNodeRed()
  const rows: BenchRow[] = []
  for (const connections of [16, 64]) {
    const measureAt = (path: string) => (server: BenchServer) => measure(bed, server, path, { connections, seconds })
    const bare = await withServer([projectFolder('dist', 'bench', 'bare-server.js'), bed.urlOf('rivals')], {}, measureAt('/in'))
    const red = nodeRed === undefined ? undefined : await withServer([nodeRed, bed.urlOf('rivals')], {}, measureAt('/in'))
    const hub = await withHub(bed, 'intake', measureAt('/in/demo-ubl'))
    rows.push(...intakeRows(connections, hub, bare, red))
  }
  return rows
}

const intakeRows = (connections: number, hub: Measured, bare: Measured, red: Measured | undefined): readonly BenchRow[] => {
  const row = (name: string, unit: string, value: number): BenchRow => ({ bench: 'ingest', case: `intake: ${name}, ${connections} connections`, value, unit })
  const beside = (name: string, unit: string, rival: string, ours: number, theirs: number): BenchRow =>
    ({ ...row(name, unit, ours), rival: `${rival}: ${theirs.toFixed(theirs < 100 ? 2 : 0)}`, ratio: ours / theirs })
  const script = 'bare fastify + fast-xml-parser + one insert'
  const against = (rival: string, theirs: Measured): readonly BenchRow[] => [
    beside('durable 2 kB orders', '1/s', rival, hub.perSecond, theirs.perSecond),
    beside('processor time, all but the load', 'ms/order', rival, hub.ownMs + hub.postgresMs, theirs.ownMs + theirs.postgresMs),
  ]
  return [
    ...against(script, bare), ...(red === undefined ? [] : against('Node-RED 4', red)),
    beside('p50', 'ms', script, hub.p50Ms, bare.p50Ms), beside('p99', 'ms', script, hub.p99Ms, bare.p99Ms),
    row('not answered 200', 'orders', hub.failed), row('processor time, hub', 'ms/order', hub.ownMs), row('processor time, PostgreSQL', 'ms/order', hub.postgresMs),
  ]
}

/** Offers the whole hub its rate and looks every quarter of a second how many entries its followers are behind, and every second at its memory. */
const measureFollowing = async (bed: Bed, server: BenchServer, forSeconds: number): Promise<readonly BenchRow[]> => {
  await measure(bed, server, '/in/demo-ubl', { connections: 16, seconds: 1, perSecond: offered })
  await followed(server.port)
  const watched = watch(server)
  const result = await measure(bed, server, '/in/demo-ubl', { connections: 16, seconds: forSeconds, perSecond: offered })
  const { behind, residentBytes } = await watched.end()
  // What is behind came in this long ago.
  const lags = behind.map((entries) => entries / result.perSecond * 1000).sort((a, b) => a - b)
  const row = (name: string, unit: string, value: number): BenchRow => ({ bench: 'ingest', case: `whole hub: ${name}, ${offered}/s offered, ${forSeconds} s`, value, unit })
  return [
    row('durable 2 kB orders', '1/s', result.perSecond), row('p99', 'ms', result.p99Ms), row('not answered 200', 'orders', result.failed),
    row('followers\' lag, p99', 'ms', lags[Math.floor(lags.length * 0.99)] ?? 0), row('followers\' lag, worst', 'ms', lags.at(-1) ?? 0),
    row('processor time, hub with its followers', 'ms/order', result.ownMs), row('processor time, PostgreSQL', 'ms/order', result.postgresMs),
    row('resident memory, growth', '%/min', growthPerMinute(residentBytes)), row('resident memory, last', 'MB', (residentBytes.at(-1) ?? 0) / 1e6),
  ]
}

const watch = ({ port, pid }: BenchServer) => {
  const behind: number[] = []
  const residentBytes: number[] = []
  const state = { on: true }
  const look = async (): Promise<void> => {
    for (let turn = 0; state.on; turn++) {
      behind.push(Math.max(0, ...await entriesBehind(port)))
      if (turn % 4 === 0) residentBytes.push(await residentOf(pid))
      await sleep(250)
    }
  }
  const looking = look()
  return {
    end: async () => {
      state.on = false
      await looking
      return { behind, residentBytes }
    },
  }
}

const entriesBehind = async (port: number): Promise<readonly number[]> =>
  [...(await (await fetch(`http://127.0.0.1:${port}/health/ready`)).text()).matchAll(/"behind":(\d+)/g)].map((match) => Number(match[1]))

/** Resolves when no follower is behind the journal any more. */
const followed = async (port: number): Promise<void> => {
  for (;;) {
    const behind = await entriesBehind(port)
    if (behind.length > 0 && behind.every((count) => count === 0)) return
    await sleep(10)
  }
}
