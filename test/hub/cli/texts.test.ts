import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectFolder } from '../../../schemas/project-folder.js'

interface Ran {
  readonly code: number | null
  readonly out: Buffer
}

const chainhub = (...words: readonly string[]): Promise<Ran> => new Promise((resolve) => {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHAINHUB_')))
  const child = spawn(process.execPath, [projectFolder('hub', 'chainhub.mjs'), ...words], { env: own, stdio: ['ignore', 'pipe', 'pipe'] })
  const out: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { out.push(chunk) })
  child.once('close', (code) => { resolve({ code, out: Buffer.concat(out) }) })
})

describe('chainhub lint', () => {
  it.each(['shop-csv', 'edifact', 'x12', 'idoc'])('reads the samples of %s, and finds that they are written as they read', async (language) => {
    const { code, out } = await chainhub('lint', language)
    expect({ code, errors: out.toString().split('\n').filter((line) => line.startsWith('error')) }).toEqual({ code: 0, errors: [] })
  })
  it('finds a table that reads otherwise than its pair, and an interchange that cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chainhub-lint-'))
    for (const [from, to] of [['shop-csv', 'my-csv'], ['x12', 'my-x12']] as const) await cp(projectFolder('mappings', from), join(folder, to), { recursive: true, filter: (path) => !path.endsWith('functions.ts') })
    const inside = async (file: string, change: (text: string) => string): Promise<void> => { await writeFile(join(folder, file), change(await readFile(join(folder, file), 'utf8'))) }
    await writeFile(join(folder, 'my-x12', 'order.yaml'), "kind: order\nroot: '850'\nrules:\n  - number! <=> BEG/BEG03\n  - issuedOn! <=> BEG/BEG05 <=> date-yyyymmdd\n  - lines[] <=> line:\n      - number <=> PO1/PO101\n      - quantity.value <=> PO1/PO102 <=> decimal\n")
    for (const file of ['shared.yaml', 'acknowledgement.yaml', 'application-advice.yaml', 'implementation-acknowledgement.yaml', 'interchange-acknowledgement.yaml']) await rm(join(folder, 'my-x12', file))
    await inside('my-csv/samples/order.csv', (text) => text.replaceAll('0045001234', '0045001235'))
    const table = await chainhub('lint', 'my-csv', '--mappings', folder)
    expect(table.code).toBe(1)
    expect(table.out.toString()).toMatch(/error .*order\.csv: It does not read as .*order\.canonical\.json says\./)
    await inside('my-x12/samples/order.edi', (text) => text.replace('SE*25*', 'SE*26*'))
    const interchange = await chainhub('lint', 'my-x12', '--mappings', folder)
    expect(interchange.code).toBe(1)
    expect(interchange.out.toString()).toMatch(/error .*order\.edi: SE counts "26" segments; there are 25/)
    await rm(folder, { recursive: true })
  })
})

describe('chainhub map --out', () => {
  it('writes an interchange in the repertoire that it names, a plain IDoc as records, and a table as bytes that read again', async () => {
    const order = projectFolder('mappings', 'edifact', 'samples', 'order.edi')
    const { code, out } = await chainhub('map', order, '--out', 'edifact')
    expect(code).toBe(0)
    expect(out.toString('latin1')).toContain('0.75 mm²')
    expect(out.includes(Buffer.from('²', 'latin1'))).toBe(true)
    expect(out.toString('latin1').startsWith("UNA:+.? '\nUNB+UNOC:3+")).toBe(true)
    const flat = projectFolder('mappings', 'idoc', 'samples', 'order-flat.txt')
    const records = await chainhub('map', flat, '--out', 'idoc', '--records')
    expect(records.out.toString().split('\r\n')[0]).toHaveLength(524)
    const chinese = await chainhub('map', projectFolder('mappings', 'ubl', 'samples', 'order.xml'), '--out', 'edifact')
    expect(chinese.out.toString('utf8')).toContain('UNB+UNOW:4+')
  })
})
