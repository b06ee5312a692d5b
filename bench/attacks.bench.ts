import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectFolder } from '../schemas/project-folder.js'
import { attackedChannels, type Attack } from './attack.js'
import { attacks } from './attacks.js'
import { familyMs } from './processor-time.js'
import { printRows, type BenchRow } from './table.js'

const key = 'bench-admin-key-0123456789'
const named = (only: string): readonly Attack[] => attacks.filter(({ family, name }) => `${family}: ${name}`.toLowerCase().includes(only.toLowerCase()))

/** The families of attacks. */
export const parts: readonly string[] = [...new Set(attacks.map(({ family }) => family))]

export const isPart = (only: string): boolean => named(only).length > 0

const settleMs = 300
/** How often each attack is sent. */
const times = 3
/** What every attack is held to. */
const most = { ms: 250, mb: 64 } as const

/**
 * Sends every attack, or with `only` those of this family or with this text in their names, three times to a hub of its own process, one after the other, and prints how each was answered. The time, of three the middle one, is from sending to the whole
 * answer, committed; beside it the processor time that the hub's process and its PostgreSQL took (in steps of 10 ms), which other work on the machine lengthens less. The memory is the peak of the hub's resident set while it answered above what it was before: Linux keeps the peak
 * (VmHWM) and forgets it when 5 is written to /proc/PID/clear_refs. Garbage that was not yet collected counts, as it would for an operator.
 */
export const bench = async (options: { readonly json: boolean, readonly only?: string }): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-attacks-'))
  const configuration = join(folder, 'chainhub.yaml')
  await writeFile(configuration, attackedChannels)
  const child = spawn(process.execPath, [projectFolder('hub', 'chainhub.mjs'), 'start', '--port', '0', '--data', join(folder, 'hub'), '--config', configuration], {
    env: { ...process.env, CHAINHUB_ADMIN_KEY: key, CHAINHUB_LOG_LEVEL: 'warn' }, stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const url = await readyUrl(child.stdout)
    const pid = child.pid ?? 0
    for (let round = 0; round < 20; round++) await answered(url, { family: 'names', name: 'warm up', channel: 'demo-ubl', body: Buffer.from('<a/>'), code: 'format-unknown' }, round)
    const rows: BenchRow[] = []
    for (const attack of named(options.only ?? '')) rows.push(...await measure(url, pid, attack))
    if (options.json) printRows(rows, options)
    else printTable(rows)
  } finally {
    const gone = new Promise((resolve) => { child.once('exit', resolve) })
    child.kill('SIGTERM')
    await gone
    await rm(folder, { recursive: true, force: true })
  }
}

const readyUrl = async (output: NodeJS.ReadableStream): Promise<string> => {
  for await (const line of createInterface({ input: output })) {
    const url = /^ready (http:\S+)$/.exec(line)?.[1]
    if (url === undefined) continue
    output.resume()
    return url
  }
  throw new Error('The hub ended before it was ready.')
}

interface Sight {
  readonly code: string
  readonly ms: number
  readonly processorMs: number
  readonly postgresMs: number
  readonly mb: number
}

/** The sight with the middle time: the disk may keep one of them waiting. Of the memory, the most. */
const measure = async (url: string, pid: number, attack: Attack): Promise<readonly BenchRow[]> => {
  const sights: Sight[] = []
  for (let time = 0; time < times; time++) sights.push(await measureOnce(url, pid, attack, time))
  const middle = [...sights].sort((a, b) => a.ms - b.ms)[Math.floor(times / 2)]
  if (middle === undefined) throw new Error('Nothing was measured.')
  const { code } = middle
  const name = `${attack.family}: ${attack.name}, ${(attack.body.length / 1e6).toFixed(2)} MB ▸ ${code}${code === attack.code ? '' : `, not ${attack.code}`}`
  const row = (unit: string, value: number): BenchRow => ({ bench: 'attacks', case: name, value, unit })
  return [row('ms', middle.ms), row('processor ms', middle.processorMs), row('PostgreSQL ms', middle.postgresMs), row('MB', Math.max(...sights.map(({ mb }) => mb)))]
}

const measureOnce = async (url: string, pid: number, attack: Attack, time: number): Promise<Sight> => {
  await sleep(settleMs)
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  const [before, processorBefore] = [await memoryMb(pid, 'VmRSS'), await familyMs(pid)]
  const startedMs = performance.now()
  const code = await answered(url, attack, time)
  const ms = performance.now() - startedMs
  const { own, others } = await familyMs(pid)
  return { code, ms, processorMs: own - processorBefore.own, postgresMs: others - processorBefore.others, mb: Math.max(await memoryMb(pid, 'VmHWM') - before, 0) }
}

/** Sends it, each time under another key, so that it is another message, and gives the code of the first error. */
const answered = async (url: string, { name, channel, body, contentType, contentEncoding }: Attack, time: number): Promise<string> => {
  const answer = await fetch(new URL(`/in/${channel}`, url), {
    method: 'POST', body: Buffer.from(body),
    headers: { authorization: `Bearer ${key}`, 'idempotency-key': `${name.replace(/[^\w ]/g, '')} ${time}`, ...(contentType === undefined ? {} : { 'content-type': contentType }), ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }) },
  })
  return /"code":"([a-z-]+)"/.exec(await answer.text())?.[1] ?? 'no error'
}

const memoryMb = async (pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

/** One line an attack, marked where it is over a limit, and the most of each column. */
const printTable = (rows: readonly BenchRow[]): void => {
  const columns = ['ms', 'processor ms', 'PostgreSQL ms', 'MB'].map((unit) => ({ unit, cells: rows.filter((row) => row.unit === unit) }))
  const names = columns[0]?.cells.map((row) => row.case) ?? []
  const width = Math.max(...names.map((name) => name.length))
  const line = (name: string, values: readonly number[]): string => {
    const [ms = 0, , , mb = 0] = values
    const over = [...(ms > most.ms ? [`over ${most.ms} ms`] : []), ...(mb > most.mb ? [`over ${most.mb} MB`] : [])]
    return [name.padEnd(width), ...columns.map(({ unit }, column) => (values[column] ?? 0).toFixed(unit === 'MB' ? 1 : 0).padStart(Math.max(unit.length, 5))), ...over].join('  ')
  }
  console.log([`attack ▸ answer; at most ${most.ms} ms and ${most.mb} MB`.padEnd(width), ...columns.map(({ unit }) => unit.padStart(5))].join('  '))
  for (const [index, name] of names.entries()) console.log(line(name, columns.map(({ cells }) => cells[index]?.value ?? 0)))
  const isOver = (index: number): boolean => (columns[0]?.cells[index]?.value ?? 0) > most.ms || (columns[3]?.cells[index]?.value ?? 0) > most.mb
  const over = names.filter((_name, index) => isOver(index)).length
  console.log(line(`the most of each; ${over === 0 ? 'none' : over} of ${names.length} over a limit; load ${loadavg()[0]?.toFixed(1) ?? '?'}`, columns.map(({ cells }) => Math.max(...cells.map(({ value }) => value)))))
}
