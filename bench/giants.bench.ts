import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startEmbeddedPostgres } from '../hub/ops/embedded-postgres.js'
import { projectFolder } from '../schemas/project-folder.js'
import { giantBatch, ordersIn } from './giant-batch.js'
import { giantTexts } from './giant-texts.js'
import type { GiantReading } from './giant-reader.js'
import { benchOrder } from './order.js'
import { processorMs } from './processor-time.js'
import { printRows, type BenchRow } from './table.js'
import { withServer, type BenchServer } from './with-server.js'

const megabytes = 200
/** What fast-xml-parser, which holds all of it, is given. */
const heldMegabytes = 20
const key = 'bench-admin-key-0123456789'

/**
 * A batch of 200 MB of orders: how fast it is cut into its documents and how much memory that takes, each way in a process of its own; and, made while it is
 * sent, how fast a whole hub receives it and takes it in, with the memory that the hub has then and how long small messages take meanwhile.
 */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-bench-'))
  const rows = [...await readingRows(folder)]
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), databases: ['central', 'crm'], log: () => undefined, onLost: (reason) => { throw new Error(reason) } })
  if (!postgres.ok) throw new Error(postgres.detail)
  try {
    rows.push(...await withServer(
      [projectFolder('hub', 'chainhub.mjs'), 'start', '--port', '0', '--data', join(folder, 'hub')],
      { CHAINHUB_CENTRAL_URL: postgres.value.urlOf('central'), CHAINHUB_CRM_URL: postgres.value.urlOf('crm'), CHAINHUB_ADMIN_KEY: key, CHAINHUB_LOG_LEVEL: 'warn' },
      intakeRows,
    ))
    printRows(rows, options)
  } finally {
    await postgres.value.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const row = (name: string, unit: string, value: number): BenchRow => ({ bench: 'giants', case: name, value, unit })

const readingRows = async (folder: string): Promise<readonly BenchRow[]> => {
  const [file, smallFile] = [join(folder, 'batch.xml'), join(folder, 'small-batch.xml')]
  await writeFile(file, giantBatch('GIA', ordersIn(megabytes * 1e6)))
  await writeFile(smallFile, giantBatch('GIA', ordersIn(heldMegabytes * 1e6)))
  const split = await reading('split', file)
  const read = await reading('split-and-read', file)
  const sax = await reading('sax', file)
  const held = await reading('fast-xml-parser', smallFile)
  const rate = ({ megabytes: size, cpuSeconds }: GiantReading): number => size / cpuSeconds
  const beside = (name: string, ours: GiantReading): readonly BenchRow[] => [
    { ...row(name, 'MB/CPU-s', rate(ours)), rival: `sax, namespaces on: ${rate(sax).toFixed(1)}`, ratio: rate(ours) / rate(sax) },
    row(`${name}, by the clock`, 'MB/s', ours.megabytes / ours.seconds),
    { ...row(`${name}: memory of the whole process`, 'MB', ours.peakMegabytes), rival: `fast-xml-parser, ${heldMegabytes} MB held: ${held.peakMegabytes.toFixed(0)}`, ratio: ours.peakMegabytes / held.peakMegabytes },
  ]
  const texts = []
  for (const { way, what, text } of giantTexts) {
    const textFile = join(folder, `batch-${way}`)
    await writeFile(textFile, text(megabytes * 1e6))
    for (const [kind, name] of [[way, what], [`${way}-and-read`, `${what}, each read to a tree`]] as const) {
      const ours = await reading(kind, textFile)
      texts.push(
        row(`${megabytes} MB of ${name}: ${ours.documents} documents`, 'MB/CPU-s', rate(ours)), row(`${name}, by the clock`, 'MB/s', ours.megabytes / ours.seconds),
        row(`${name}: memory of the whole process`, 'MB', ours.peakMegabytes),
      )
    }
    await rm(textFile)
  }
  return [...texts, ...beside(`${megabytes} MB into ${split.documents} documents`, split), ...beside('the same, each read to a tree', read)]
}

const reading = async (way: string, file: string): Promise<GiantReading> => {
  const { stdout } = await promisify(execFile)(process.execPath, [projectFolder('dist', 'bench', 'giant-reader.js'), way, file])
  return JSON.parse(stdout) as GiantReading
}

const intakeRows = async ({ port, pid }: BenchServer): Promise<readonly BenchRow[]> => {
  await sendSmall(port, 'WARM', () => false, 200)
  // A small giant first, so that what is compiled and cached once does not count as growth.
  await sendGiant(port, 'WAR', 2000)
  await sleep(2000)
  const quiet = await sendSmall(port, 'Q', () => false, 100)
  const idleMegabytes = await residentMegabytes(pid)
  const orders = ordersIn(megabytes * 1e6)
  let isDone = false
  const peak = watchMemory(pid, () => isDone)
  const small = sendSmall(port, 'S', () => isDone, Infinity)
  const [startedMs, cpuBefore] = [performance.now(), await processorMs(pid)]
  let received = { seconds: 0, cpuSeconds: 0 }
  const answer = await sendGiant(port, 'GIA', orders, async () => {
    received = { seconds: (performance.now() - startedMs) / 1000, cpuSeconds: (await processorMs(pid) - cpuBefore) / 1000 }
  })
  const [seconds, cpuSeconds] = [(performance.now() - startedMs) / 1000, (await processorMs(pid) - cpuBefore) / 1000]
  isDone = true
  const accepted = /"accepted":(\d+)/.exec(answer)?.[1]
  if (accepted !== String(orders)) throw new Error(`Of ${orders} orders ${accepted ?? 'none'} were accepted: ${answer.slice(0, 500)}`)
  const meanwhile = await small
  const mostMegabytes = await peak
  return [
    row('receiving: hashed and kept, small messages beside it', 'MB/s', megabytes / received.seconds),
    row('receiving, processor time of the hub', 'MB/CPU-s', megabytes / received.cpuSeconds),
    row('whole intake with commits, followers on', 'MB/s', megabytes / seconds),
    row('whole intake, parts', '1/s', orders / seconds),
    row('processor time of the hub, followers too', 'ms/part', cpuSeconds * 1000 / orders),
    row('memory of the hub above its idle baseline', 'MB', mostMegabytes - idleMegabytes),
    row('memory of the hub, idle', 'MB', idleMegabytes),
    row('memory of the hub, at most', 'MB', mostMegabytes),
    { ...row('small messages meanwhile, p50', 'ms', at(meanwhile, 0.5)), rival: `without the giant: ${at(quiet, 0.5).toFixed(1)}`, ratio: at(meanwhile, 0.5) / at(quiet, 0.5) },
    { ...row('small messages meanwhile, p99', 'ms', at(meanwhile, 0.99)), rival: `without the giant: ${at(quiet, 0.99).toFixed(1)}`, ratio: at(meanwhile, 0.99) / at(quiet, 0.99) },
  ]
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

/** `onSent` is called when the last byte was taken from the sender. */
const sendGiant = (port: number, name: string, orders: number, onSent: () => Promise<void> = () => Promise.resolve()): Promise<string> => new Promise((resolve, reject) => {
  const post = request({ port, host: '127.0.0.1', path: '/in/demo-ubl', method: 'POST', headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/xml' } }, (answer) => { text(answer).then(resolve, reject) })
  post.on('error', reject).on('finish', () => { onSent().catch(reject) })
  Readable.from(giantBatch(name, orders)).pipe(post)
})

/** Sends an order every 20 ms, one at a time, until it is done; gives how long each took, in ms, sorted. */
const sendSmall = async (port: number, name: string, isDone: () => boolean, most: number): Promise<readonly number[]> => {
  const latencies: number[] = []
  while (!isDone() && latencies.length < most) {
    const startedMs = performance.now()
    const answer = await fetch(`http://127.0.0.1:${port}/in/demo-ubl`, { method: 'POST', headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/xml' }, body: benchOrder(`${name}-${latencies.length}`) })
    await answer.text()
    latencies.push(performance.now() - startedMs)
    await sleep(20)
  }
  return latencies.sort((a, b) => a - b)
}

/** Of the process alone: PostgreSQL is one of its own. 0 where there is no /proc. */
const residentMegabytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 / 1e6
}

/** The most that the process held until it is done, looked at every 50 ms. */
const watchMemory = async (pid: number, isDone: () => boolean): Promise<number> => {
  let most = 0
  while (!isDone()) {
    most = Math.max(most, await residentMegabytes(pid))
    await sleep(50)
  }
  return most
}
