import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { invoice, journalOf, line } from './entries.js'
import { applyAll, openAt, temporaryFolder, valueOf, warehouseOf } from './temporary-warehouse.js'

const count = 400
const entries = journalOf(...Array.from({ length: count }, (_, at) => invoice(String(at), [line('1', '1.01'), line('2', '2')])))

const follow = `
import { readFileSync } from 'node:fs'
import { openWarehouse } from ${JSON.stringify(pathToFileURL(projectFolder('dist', 'warehouse', 'open-warehouse.js')).href)}
const entries = JSON.parse(readFileSync('entries.json', 'utf8'))
const { value: warehouse } = await openWarehouse({ file: process.argv[2], memoryBytes: 300_000_000 })
for (let at = await warehouse.follower.position(); at < entries.length; at += 1) {
  await warehouse.follower.apply(at, entries.slice(at, at + 1))
  process.stdout.write((at + 1) + '\\n')
}
`

/** A program of the built warehouse that follows `entries.json` one by one and prints each number that it has applied. */
const program = async (): Promise<string> => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'entries.json'), JSON.stringify(entries))
  await writeFile(join(folder, 'follow.mjs'), follow)
  return folder
}

/** Runs the program until it has said `until`, kills it and gives the last number that it said. */
const killAt = (folder: string, file: string, until: number): Promise<number> => new Promise((resolve, reject) => {
  const child = spawn(process.execPath, ['follow.mjs', file], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = 0
  let errors = ''
  child.stderr.on('data', (data: Buffer) => { errors += data.toString() })
  child.stdout.on('data', (data: Buffer) => {
    said = Number(data.toString().trim().split('\n').at(-1))
    if (said >= until) child.kill('SIGKILL')
  })
  child.on('error', reject)
  child.on('exit', (code, signal) => {
    if (signal === 'SIGKILL') resolve(said)
    else reject(new Error(`ended by itself with ${code}: ${errors}`))
  })
})

it('loses nothing that was applied and applies nothing twice when it is killed in the middle', async () => {
  const folder = await program()
  const file = join(await temporaryFolder(), 'w.duckdb')
  for (const until of [3, 40, 120]) {
    const said = await killAt(folder, file, until)
    const warehouse = await openAt(file)
    const position = await warehouse.follower.position()
    expect(position).toBeGreaterThanOrEqual(said)
    expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['invoices', 'lines'] })).cells).toEqual([{ invoices: position, lines: 2 * position }])
    await warehouse.close()
  }
  const warehouse = await openAt(file)
  await applyAll(warehouse, entries, 100)
  expect(await warehouse.digest()).toBe(await (await warehouseOf(entries)).digest())
})
