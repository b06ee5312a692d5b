import { loaded, measure, residentOf, growthPerMinute, warmUp, withBed, withHub, type Bed, type Measured } from './ingest-bed.js'
import { printRows, type BenchRow } from './table.js'

const path = '/in/demo-ubl'
const turns = 3
const seconds = 8
const connections = 64
const sliceSeconds = 1

interface Filled {
  readonly stored: number
  readonly perSecond: number
  readonly residentBytes: readonly number[]
}

/** Whether the intake gets slower, or larger in memory, by what is stored: fills a store over HTTP for some minutes (ten without), then measures it by turns with empty ones on the same PostgreSQL. */
export const bench = async (options: { readonly json: boolean, readonly minutes?: number }): Promise<void> => {
  const minutes = options.minutes ?? 10
  const empty = Array.from({ length: turns }, (_each, turn) => `empty_${turn}`)
  const rows = await withBed(['central', 'crm', ...empty], async (bed) => {
    const filled = await fill(bed, minutes)
    const measured: { readonly full: Measured, readonly fresh: Measured }[] = []
    for (const central of empty) {
      const fresh = await withHub(bed, 'intake', (server) => measure(bed, server, path, { connections, seconds }), { central })
      measured.push({ fresh, full: await withHub(bed, 'intake', (server) => measure(bed, server, path, { connections, seconds })) })
    }
    return rowsOf(minutes, filled, measured)
  })
  printRows(rows, options)
}

const fill = (bed: Bed, minutes: number): Promise<Filled> => withHub(bed, 'intake', async ({ port, pid }) => {
  await warmUp(port, path)
  const residentBytes: number[] = []
  const startedMs = performance.now()
  let stored = 0
  while (performance.now() - startedMs < minutes * 60_000) {
    const { answered, failed } = await loaded(port, path, { connections, seconds: sliceSeconds })
    stored += answered - failed
    residentBytes.push(await residentOf(pid))
  }
  return { stored, perSecond: stored / (performance.now() - startedMs) * 1000, residentBytes }
})

const rowsOf = (minutes: number, { stored, perSecond, residentBytes }: Filled, measured: readonly { readonly full: Measured, readonly fresh: Measured }[]): readonly BenchRow[] => {
  const row = (name: string, unit: string, value: number): BenchRow => ({ bench: 'growth', case: name, value, unit })
  const mean = (of: 'full' | 'fresh', figure: 'perSecond' | 'p99Ms' | 'ownMs' | 'postgresMs'): number => measured.reduce((sum, turn) => sum + turn[of][figure], 0) / measured.length
  const beside = (name: string, unit: string, figure: Parameters<typeof mean>[1]): BenchRow => ({
    ...row(`${name}, ${connections} connections, the store full`, unit, mean('full', figure)), rival: `empty: ${mean('fresh', figure).toFixed(2)}`, ratio: mean('full', figure) / mean('fresh', figure),
  })
  return [
    row(`stored in ${minutes} min`, 'messages', stored), row('while it was filled', '1/s', perSecond),
    beside('durable 2 kB orders', '1/s', 'perSecond'), beside('p99', 'ms', 'p99Ms'), beside('processor time, hub', 'ms/order', 'ownMs'), beside('processor time, PostgreSQL', 'ms/order', 'postgresMs'),
    row('resident memory, growth while it was filled', '%/min', growthPerMinute(residentBytes)), row('resident memory, last', 'MB', (residentBytes.at(-1) ?? 0) / 1e6),
  ]
}
