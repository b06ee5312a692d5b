import { setTimeout as sleep } from 'node:timers/promises'
import { projectFolder } from '../schemas/project-folder.js'
import { busy, growthPerMinute, measureWarm, residentOf, warmUp, withBed, withHub, type Bed, type Measured } from './ingest-bed.js'
import { installNodeRed } from './node-red.js'
import { processorMs } from './processor-time.js'
import { printRows, type BenchRow } from './table.js'
import { withServer, type BenchServer } from './with-server.js'

/** The servers are measured by turns, a slice each, since a machine's speed changes from one minute to the next by more than they differ. */
const turns = 10
const sliceSeconds = 1.5
const path = '/in/demo-ubl'
/** What the whole hub is offered, in orders a second, and over how many connections. */
const offered = 1520
const senders = 256

interface Options {
  readonly json: boolean
  /** For how long the whole hub takes orders with its followers on; 20 s without. */
  readonly minutes?: number
  readonly only?: string
}

/** What runs alone with `--only`. */
export const parts = ['intake', 'whole', 'roles'] as const

/**
 * Durable documents a second over HTTP, with the load generator and PostgreSQL on the same processors: the intake alone beside a bare script and beside Node-RED, by turns on one
 * PostgreSQL and told by the median turn, and the whole hub at the rate that it is asked for, in one process and in two (intake, and all else), with how far its followers are behind and how
 * its memory grows.
 */
export const bench = async (options: Options): Promise<void> => {
  const runs = (part: (typeof parts)[number]): boolean => options.only === undefined || options.only === part
  const forSeconds = options.minutes === undefined ? 20 : options.minutes * 60
  printRows(await withBed(['central', 'crm', 'rivals'], async (bed) => [
    ...runs('intake') ? await measureIntake(bed) : [],
    ...runs('whole') ? await withHub(bed, 'all', (server) => measureFollowing(bed, [server], 'whole hub', forSeconds)) : [],
    ...runs('roles') ? await inTwo(bed, (servers) => measureFollowing(bed, servers, 'whole hub in two processes', forSeconds)) : [],
  ]), options)
}

const script = 'bare fastify + fast-xml-parser + one insert'
const red = 'Node-RED 4'

interface Rival {
  readonly name: string
  readonly server: BenchServer
}

const measureIntake = async (bed: Bed): Promise<readonly BenchRow[]> => {
  const nodeRed = await installNodeRed()
  const rivals = [
    { name: script, program: projectFolder('dist', 'bench', 'bare-server.js') },
    ...(nodeRed === undefined ? [] : [{ name: red, program: nodeRed }]),
  ]
  return withHub(bed, 'intake', (hub) => withRivals(bed, rivals, async (started) => {
    await warmUp(hub.port, path)
    for (const { server } of started) await warmUp(server.port, '/in')
    const rows: BenchRow[] = []
    for (const connections of [16, 64]) rows.push(...await byTurns(bed, connections, hub, started))
    return rows
  }))
}

const withRivals = <T>(bed: Bed, [first, ...rest]: readonly { readonly name: string, readonly program: string }[], work: (rivals: readonly Rival[]) => Promise<T>, started: readonly Rival[] = []): Promise<T> =>
  (first === undefined ? work(started) : withServer([first.program, bed.urlOf('rivals')], busy, (server) => withRivals(bed, rest, work, [...started, { name: first.name, server }])))

/** What was measured of one server in each turn. */
type Slices = readonly Measured[]

const byTurns = async (bed: Bed, connections: number, hub: BenchServer, rivals: readonly Rival[]): Promise<readonly BenchRow[]> => {
  const ours: Measured[] = []
  const theirs = rivals.map(({ name, server }) => ({ name, server, slices: new Array<Measured>() }))
  const how = { connections, seconds: sliceSeconds }
  for (let turn = 0; turn < turns; turn++) {
    ours.push(await measureWarm(bed, hub, path, how))
    for (const { server, slices } of theirs) slices.push(await measureWarm(bed, server, '/in', how))
  }
  return intakeRows(connections, ours, theirs)
}

const intakeRows = (connections: number, hub: Slices, rivals: readonly { readonly name: string, readonly slices: Slices }[]): readonly BenchRow[] => {
  const row = (name: string, unit: string, of: (slice: Measured) => number): BenchRow => ({ bench: 'ingest', case: `intake: ${name}, ${connections} connections`, value: median(hub.map(of)), unit })
  const beside = (name: string, unit: string, of: (slice: Measured) => number): readonly BenchRow[] => rivals.map((rival) => {
    const theirs = median(rival.slices.map(of))
    return {
      ...row(name, unit, of), rival: `${rival.name}: ${theirs.toFixed(theirs < 100 ? 2 : 0)}`,
      ratio: median(hub.flatMap((slice, turn) => { const other = rival.slices[turn]; return other === undefined ? [] : [of(slice) / of(other)] })),
    }
  })
  return [
    ...beside('durable 2 kB orders', '1/s', ({ perSecond }) => perSecond),
    ...beside('processor time, all but the load', 'ms/order', ({ ownMs, postgresMs }) => ownMs + postgresMs),
    ...beside('p50', 'ms', ({ p50Ms }) => p50Ms), ...beside('p99', 'ms', ({ p99Ms }) => p99Ms),
    { ...row('not answered 200', 'orders', () => 0), value: hub.reduce((sum, { failed }) => sum + failed, 0) },
    row('processor time, hub', 'ms/order', ({ ownMs }) => ownMs), row('processor time, PostgreSQL', 'ms/order', ({ postgresMs }) => postgresMs),
  ]
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Offers the whole hub its rate and looks every quarter of a second how many entries its followers are behind, and every second at its memory. */
const measureFollowing = async (bed: Bed, servers: readonly [BenchServer, ...BenchServer[]], name: string, forSeconds: number): Promise<readonly BenchRow[]> => {
  const [server, ...others] = servers
  await warmUp(server.port, path)
  await followed(server.port)
  const before = await Promise.all(others.map(({ pid }) => processorMs(pid)))
  const watched = watch(servers)
  const result = await measureWarm(bed, server, path, { connections: senders, seconds: forSeconds, perSecond: offered })
  const { behind, residentBytes } = await watched.end()
  const othersMs = (await Promise.all(others.map(async ({ pid }, index) => await processorMs(pid) - (before[index] ?? 0)))).reduce((sum, ms) => sum + ms, 0) / result.answered
  // What is behind came in this long ago.
  const lags = behind.map((entries) => entries / result.perSecond * 1000).sort((a, b) => a - b)
  const row = (what: string, unit: string, value: number): BenchRow => ({ bench: 'ingest', case: `${name}: ${what}, ${senders} connections, ${offered}/s offered, ${forSeconds} s`, value, unit })
  return [
    row('durable 2 kB orders', '1/s', result.perSecond), row('p99', 'ms', result.p99Ms), row('not answered 200', 'orders', result.failed),
    row('followers\' lag, p99', 'ms', lags[Math.floor(lags.length * 0.99)] ?? 0), row('followers\' lag, worst', 'ms', lags.at(-1) ?? 0),
    row('processor time, hub with its followers', 'ms/order', result.ownMs + othersMs), row('processor time, PostgreSQL', 'ms/order', result.postgresMs),
    row('resident memory, growth', '%/min', growthPerMinute(residentBytes)), row('resident memory, last', 'MB', (residentBytes.at(-1) ?? 0) / 1e6),
  ]
}

/** As docs/operations.md has it for a busy hub: followers and deliveries in a process of their own. */
const inTwo = <T>(bed: Bed, work: (servers: readonly [BenchServer, BenchServer]) => Promise<T>): Promise<T> =>
  withHub(bed, 'intake,web', (first) => withHub(bed, 'followers,deliveries,relay', (second) => work([first, second]), { process: 2 }))

const watch = (servers: readonly [BenchServer, ...BenchServer[]]) => {
  const [{ port }] = servers

  const behind: number[] = []
  const residentBytes: number[] = []
  const state = { on: true }
  const look = async (): Promise<void> => {
    for (let turn = 0; state.on; turn++) {
      behind.push(Math.max(0, ...await entriesBehind(port)))
      if (turn % 4 === 0) residentBytes.push((await Promise.all(servers.map(({ pid }) => residentOf(pid)))).reduce((sum, bytes) => sum + bytes, 0))
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
