import { cpus } from 'node:os'
import { loaded, warmUp, withBed, withHub, type Bed } from './ingest-bed.js'
import { processorMs } from './processor-time.js'
import { printRows, type BenchRow } from './table.js'
import type { BenchServer } from './with-server.js'

const path = '/in/demo-ubl'
const seconds = 10
const connections = 64

interface Shared {
  readonly processes: number
  readonly perSecond: number
  readonly p99Ms: number
  /** Of all processors' time, in percent. */
  readonly hubs: number
  readonly postgres: number
  readonly load: number
}

/** Orders a second with one, two and four intake processes over one store, and who uses the processors up. */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const rows = await withBed(['central', 'crm'], async (bed) => {
    const measured: Shared[] = []
    for (const processes of [1, 2, 4]) measured.push(await withHubs(bed, processes, (servers) => share(bed, servers)))
    const [alone] = measured
    return measured.flatMap((each) => rowsOf(each, alone?.perSecond ?? 0))
  })
  printRows(rows, options)
}

const withHubs = <T>(bed: Bed, count: number, work: (servers: readonly BenchServer[]) => Promise<T>, servers: readonly BenchServer[] = []): Promise<T> =>
  (servers.length === count ? work(servers) : withHub(bed, 'intake', (server) => withHubs(bed, count, work, [...servers, server]), { process: servers.length + 1 }))

const share = async ({ postgresPid }: Bed, servers: readonly BenchServer[]): Promise<Shared> => {
  for (const { port } of servers) await warmUp(port, path)
  const used = async (): Promise<readonly [number, number, number]> => {
    const [postgres, ...hubs] = await Promise.all([postgresPid, ...servers.map(({ pid }) => pid)].map(processorMs))
    const { user, system } = process.cpuUsage()
    return [hubs.reduce((sum, ms) => sum + ms, 0), postgres ?? 0, (user + system) / 1000]
  }
  const [begun, startedMs] = [await used(), performance.now()]
  const results = await Promise.all(servers.map(({ port }) => loaded(port, path, { connections: connections / servers.length, seconds })))
  const [ended, tookMs] = [await used(), performance.now() - startedMs]
  const part = (index: 0 | 1 | 2): number => (ended[index] - begun[index]) / tookMs / cpus().length * 100
  return {
    processes: servers.length, perSecond: results.reduce((sum, { perSecond }) => sum + perSecond, 0), p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)), hubs: part(0), postgres: part(1), load: part(2),
  }
}

const rowsOf = ({ processes, perSecond, p99Ms, hubs, postgres, load }: Shared, alone: number): readonly BenchRow[] => {
  const row = (name: string, unit: string, value: number): BenchRow => ({ bench: 'intakes', case: `${processes} ${processes === 1 ? 'intake' : 'intakes'}, ${connections} connections: ${name}`, value, unit })
  return [
    { ...row('durable 2 kB orders', '1/s', perSecond), ...(processes === 1 ? {} : { rival: `1 intake: ${alone.toFixed(0)}`, ratio: perSecond / alone }) },
    row('p99', 'ms', p99Ms), row('processors used by the hub', '%', hubs), row('processors used by PostgreSQL', '%', postgres), row('processors used by the load', '%', load),
  ]
}
