import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { makeChannel } from '../hub/intake/channel.js'
import { readMessage } from '../hub/intake/read-message.js'
import { checkXml } from '../hub/intake/schema-sets/check-xml.js'
import { makeCheckParts, type CheckParts } from '../hub/intake/schema-sets/check-parts.js'
import { compileXsds } from '../hub/intake/schema-sets/compile-xsd.js'
import { keyOfSet, type SchemaFile, type SchemaSet } from '../hub/intake/schema-sets/schema-set.js'
import { makeSchemaValidator, type SchemaValidator } from '../hub/intake/schema-sets/schema-validator.js'
import { startValidationThread } from '../hub/intake/schema-sets/validation-thread.js'
import { projectFolder } from '../schemas/project-folder.js'
import type { Result } from '../schemas/result.js'
import { busy } from './ingest-bed.js'
import { printRows, type BenchRow } from './table.js'

const xsdFolder = projectFolder('..', 'shared', 'corpora', 'ubl', 'xsd')
const element = '{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice'
const channel = makeChannel({ id: 'bench', languages: ['ubl'] })
const rounds = 4
const roundMs = 1500
const warmUp = 1500
const inFlight = 32
const invoiceBytes = 20_000

/** Invoices of 20 kB a second, read and held against the registered schemas of UBL as a busy hub does it, beside libxml2 alone started in the same way. */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  if (!existsSync(xsdFolder)) {
    console.error(`SKIPPED: ${xsdFolder} is not there; put UBL's schemas (its folders common and maindoc) there to measure.`)
    printRows([], options)
    return
  }
  const nodeOptions = process.env['NODE_OPTIONS'] ?? ''
  if (!nodeOptions.includes(busy.NODE_OPTIONS)) {
    const again = spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: `${nodeOptions} ${busy.NODE_OPTIONS}` } })
    if (again.status !== 0) throw new Error('The bench failed in the process that was started as a busy hub is.')
    return
  }
  const files = await readSchemas()
  const invoices = await makeInvoices()
  const set: SchemaSet = { name: 'ubl', version: '0', mode: 'refuse', channels: [], format: undefined, elements: [element], jsonRoot: undefined }
  const validator = makeSchemaValidator({
    startThread: () => startValidationThread({ file: projectFolder('dist', 'hub', 'intake', 'schema-sets', 'validation-worker.js'), nowMs: Date.now, onLost: (reason, detail) => { throw new Error(`${reason}: ${detail}`) } }),
    sourceOf: (key) => Promise.resolve({ key, files, root: undefined }),
  })
  try {
    printRows([...await measureHub(set, validator, files, invoices), ...await measureCompilation(set, validator)], options)
  } finally {
    await validator.close()
  }
}

const measureHub = async (of: SchemaSet, by: SchemaValidator, files: readonly SchemaFile[], texts: readonly string[]): Promise<readonly BenchRow[]> => {
  await by.prepare(keyOfSet(of))
  const checkParts = makeCheckParts({ sets: () => [of], check: by.check, formatOf: () => undefined })
  const alone = makeAlone(files)
  const bytes = texts.map((text) => Buffer.from(text))
  const ours = (fewest: number): Promise<Rate> => rate(async (index) => { await readAndCheck(checkParts, bytes[index % bytes.length] ?? Buffer.alloc(0)) }, inFlight, fewest)
  const theirs = (fewest: number): Promise<Rate> => rate((index) => { alone(texts[index % texts.length] ?? ''); return Promise.resolve() }, 1, fewest)
  let [hub, rival] = [none, none]
  // By turns, so that what else the machine does meets both.
  for (let round = 0; round <= rounds; round++) {
    const fewest = round === 0 ? warmUp : 0
    const [first, second] = [await ours(fewest), await theirs(fewest)]
    if (round > 0) [hub, rival] = [best(hub, first), best(rival, second)]
  }
  const command = await xmllintRate(texts)
  const name = `xsd ${Math.round((texts[0]?.length ?? 0) / 1000)} kB invoice, read and validated`
  return [
    { bench: 'schemas', case: name, value: hub.perSecond, unit: 'documents/s', rival: `libxml2-wasm alone, parse + validate, one thread: ${rival.perSecond.toFixed(0)}`, ratio: hub.perSecond / rival.perSecond },
    { bench: 'schemas', case: `${name}, all threads' processor time`, value: hub.perCpuSecond, unit: 'documents/CPU-s', rival: `libxml2-wasm alone: ${rival.perCpuSecond.toFixed(0)}`, ratio: hub.perCpuSecond / rival.perCpuSecond },
    ...(command === undefined ? [] : [{ bench: 'schemas', case: name, value: hub.perSecond, unit: 'documents/s', rival: 'xmllint --schema, its start and compilation taken off', ratio: hub.perSecond / command }]),
  ]
}

const readSchemas = async (): Promise<readonly SchemaFile[]> => {
  const names = (await Promise.all(['common', 'maindoc'].map(async (folder) => (await readdir(join(xsdFolder, folder))).map((name) => `${folder}/${name}`)))).flat()
  return Promise.all(names.filter((path) => path.endsWith('.xsd')).map(async (path) => ({ path, text: await readFile(join(xsdFolder, path), 'utf8') })))
}

/** Our own sample with as many lines as make 20 kB, under many numbers. */
const makeInvoices = async (): Promise<readonly string[]> => {
  const sample = await readFile(projectFolder('mappings', 'ubl', 'samples', 'invoice.xml'), 'utf8')
  const line = /\s*<cac:InvoiceLine>[^]*?<\/cac:InvoiceLine>/.exec(sample)?.[0] ?? ''
  const more = line.repeat(Math.max(0, Math.round((invoiceBytes - sample.length) / line.length)))
  return Array.from({ length: inFlight }, (_, index) => sample.replace('</Invoice>', `${more}\n</Invoice>`).replace(/(<cbc:ID>)[^<]*/, `$1INV-${index}`))
}

const valueOf = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.at}: ${result.detail}`)
  return result.value
}

const readAndCheck = async (checkParts: CheckParts, bytes: Uint8Array): Promise<void> => {
  const parts = valueOf(await readMessage({ bytes, contentType: 'application/xml', contentEncoding: undefined }, channel))
  const [checked] = valueOf(await checkParts(channel, parts))
  if (checked?.applied.length !== 1 || checked.issues.length > 0) throw new Error(`The invoice was not found valid: ${checked?.issues[0]?.detail ?? 'it was not checked'}`)
}

const makeAlone = (files: readonly SchemaFile[]): ((text: string) => void) => {
  const validator = valueOf(compileXsds(files)).validatorOf(element)
  if (validator === undefined) throw new Error('UBL has no invoice')
  return (text) => {
    if ((checkXml(text, [{ steps: [], validators: [validator] }])[0]?.[0]?.length ?? 1) > 0) throw new Error('The invoice was not found valid.')
  }
}

interface Rate {
  readonly perSecond: number
  readonly perCpuSecond: number
}

const none: Rate = { perSecond: 0, perCpuSecond: 0 }

const best = (a: Rate, b: Rate): Rate => ({ perSecond: Math.max(a.perSecond, b.perSecond), perCpuSecond: Math.max(a.perCpuSecond, b.perCpuSecond) })

/** Documents come each by itself, as over HTTP. On a machine with much else to do a round is too short to be compiled for, so the first one counts documents. */
const rate = async (work: (index: number) => Promise<void>, workers: number, fewest: number): Promise<Rate> => {
  const [begun, cpu] = [performance.now(), process.cpuUsage()]
  let done = 0
  await Promise.all(Array.from({ length: workers }, async () => {
    while (performance.now() - begun < roundMs || done < fewest) {
      await nextTurn()
      await work(done++)
    }
  }))
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: done / (performance.now() - begun) * 1000, perCpuSecond: done / (user + system) * 1e6 }
}

const measureCompilation = async (set: SchemaSet, validator: SchemaValidator): Promise<readonly BenchRow[]> => {
  validator.forget(keyOfSet(set))
  const begun = performance.now()
  await validator.prepare(keyOfSet(set))
  return [{ bench: 'schemas', case: 'compiling all schemas of UBL 2.5, once', value: performance.now() - begun, unit: 'ms' }]
}

const manyFiles = 400

/** Documents a second of a process that compiles the schema once, without its start; undefined where it is not installed. */
const xmllintRate = async (texts: readonly string[]): Promise<number | undefined> => {
  if (spawnSync('xmllint', ['--version']).status !== 0) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-bench-'))
  try {
    const paths = await Promise.all(texts.map(async (text, index) => {
      const path = join(folder, `${index}.xml`)
      await writeFile(path, text)
      return path
    }))
    const schema = (await readdir(join(xsdFolder, 'maindoc'))).find((name) => /^UBL-Invoice-/.test(name)) ?? ''
    const timeMs = (count: number): number => {
      const begun = performance.now()
      const ended = spawnSync('xmllint', ['--nonet', '--noout', '--schema', join(xsdFolder, 'maindoc', schema), ...Array.from({ length: count }, (_, index) => paths[index % paths.length] ?? '')], { stdio: 'ignore' })
      if (ended.status !== 0) throw new Error('xmllint found an invoice not valid.')
      return performance.now() - begun
    }
    return manyFiles / (timeMs(manyFiles + 1) - timeMs(1)) * 1000
  } finally {
    await rm(folder, { recursive: true })
  }
}
