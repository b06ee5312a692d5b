import { XMLParser } from 'fast-xml-parser'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { canonicalJson } from '../hub/intake/canonical-json.js'
import { makeChannel } from '../hub/intake/channel.js'
import { prepareItem } from '../hub/intake/prepare-item.js'
import { loadTranslator, type Translator } from '../mappings/engine/translator.js'
import type { CanonicalDocument } from '../schemas/canonical/canonical-document.js'
import { checkTotals } from '../schemas/check-totals.js'
import type { MessageId } from '../schemas/ids.js'
import type { Node } from '../schemas/node.js'
import { projectFolder } from '../schemas/project-folder.js'
import type { Result } from '../schemas/result.js'
import { validateDocument } from '../schemas/validate-document.js'
import { readXml } from '../schemas/xml-reader.js'
import { writeXml } from '../schemas/xml-writer.js'
import { jsonataOrder } from './jsonata-order.js'
import { benchOrder } from './order.js'
import { printRows, type BenchRow } from './table.js'

const roundCpuMs = 200
const mostRounds = 30
const patience = 4
/** Each document is read under as many numbers, so that no step sees the same text again at once. */
const variants = 32
const invoiceBytes = 20_000

/** What is measured: documents of one format, made under many numbers. */
interface Subject {
  readonly name: string
  readonly format: string
  readonly xmlOf: (number: string) => string
  /** Documents a second that are asked of it, each way. */
  readonly goal?: number
}

/** Documents a CPU-second, step by step and in one go, up to the commit, and back to bytes; garbage collection and compilation included. */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const loaded = await loadTranslator(projectFolder('mappings'))
  if (!loaded.ok) throw new Error(loaded.detail)
  const order = withoutIndents(await sampleOf('ubl', 'order-soap'))
  const rows: BenchRow[] = [
    ...await besideJsonata(loaded.value, order),
    ...await rowsOf({ name: '2 kB order', format: 'ubl/order', xmlOf: benchOrder, goal: 8000 }, loaded.value),
    ...await rowsOf({ name: '20 kB invoice', format: 'ubl/invoice', xmlOf: numbered(longer(await sampleOf('ubl', 'invoice'))), goal: 1200 }, loaded.value),
    ...await rowsOf({ name: '5.6 kB IDoc order', format: 'idoc/order', xmlOf: await idocOf('order') }, loaded.value),
  ]
  printRows(rows, options)
}

const sampleOf = (language: string, name: string): Promise<string> => readFile(projectFolder('mappings', language, 'samples', `${name}.xml`), 'utf8')

const withoutIndents = (xml: string): string => xml.replace(/>\s+</g, '><').replace(/\s+xmlns/g, ' xmlns')

const numbered = (xml: string) => (number: string): string => xml.replace(/(<cbc:ID>)[^<]*/, `$1${number}`)

const idocOf = async (name: string): Promise<(number: string) => string> => {
  const xml = await sampleOf('idoc', name)
  return (number) => xml.replace(/(<BELNR>)[^<]*/, `$1${number}`)
}

/** Our own sample with as many lines as make 20 kB: those that were added are free of charge, so that the totals are right and nothing is to be said of the document. */
const longer = (sample: string): string => {
  const line = /\s*<cac:InvoiceLine>[^]*?<\/cac:InvoiceLine>/.exec(sample)?.[0] ?? ''
  const free = line.replace(/(<cbc:(?:LineExtension|Price|Base)?Amount [^>]*>)[^<]*/g, '$10.00')
  const lines = Array.from({ length: Math.max(0, Math.round((invoiceBytes - sample.length) / line.length)) }, (_, index) => free.replace(/(<cbc:ID>)[^<]*/, `$1${index + 3}`))
  return sample.replace('</Invoice>', `${lines.join('')}\n</Invoice>`)
}

/** The map beside a JSONata expression that gives the same document, but for the extensions. */
const besideJsonata = async (translator: Translator, xml: string): Promise<readonly BenchRow[]> => {
  const { default: jsonata } = await import('jsonata')
  const expression = jsonata(jsonataOrder)
  const map = translator.describedFormat('ubl/order')?.format
  if (map === undefined) throw new Error('There is no map of orders.')
  const parser = new XMLParser({ ignoreAttributes: false, removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false })
  const texts = Array.from({ length: variants }, (_, index) => numbered(xml)(`PO-${index}`))
  const inputs = texts.map((text): unknown => parser.parse(text))
  const roots = texts.map((text) => valueOf(readXml(text)))
  const [theirs, ours] = [await plainOf(expression.evaluate(inputs[0])), await plainOf(map.read(valueOf(readXml(texts[0] ?? '')), true).documents[0])]
  if (!isDeepStrictEqual(theirs, withoutExtensions(ours))) throw new Error('The JSONata expression gives another document than the map.')
  const rootAt = (index: number): Node => roots[index] ?? valueOf(readXml(xml))
  const rival = await perCpuSecond((index) => expression.evaluate(inputs[index]))
  const noted = await perCpuSecond((index) => map.read(rootAt(index), true))
  const shown = await perCpuSecond((index) => map.read(rootAt(index), true).lineage.length)
  const name = `${(xml.length / 1000).toFixed(1)} kB order, parsed`
  const beside = `jsonata, the same fields: ${rival.toFixed(0)}; goal 25 ×`
  return [
    { bench: 'mapping', case: `${name}: map, lineage noted down`, value: noted, unit: '1/CPU-s', rival: beside, ratio: noted / rival },
    { bench: 'mapping', case: `${name}: map, lineage put into words`, value: shown, unit: '1/CPU-s', rival: 'jsonata', ratio: shown / rival },
    { bench: 'mapping', case: `${name}: map without lineage`, value: await perCpuSecond((index) => map.read(rootAt(index), false)), unit: '1/CPU-s' },
  ]
}

/** As JSON has it: JSONata's lists carry marks of its own. */
const plainOf = async (made: unknown): Promise<unknown> => JSON.parse(JSON.stringify(await made))

const withoutExtensions = (document: unknown): unknown => typeof document === 'object' && document !== null ? Object.fromEntries(Object.entries(document).filter(([name]) => name !== 'extensions')) : document

const rowsOf = async (subject: Subject, translator: Translator): Promise<readonly BenchRow[]> => {
  const texts = Array.from({ length: variants }, (_, index) => subject.xmlOf(`PO-${index}`))
  return [...await readingRows(subject, texts, translator), ...await writingRows(subject, texts, translator)]
}

const readingRows = async ({ name, format, goal }: Subject, texts: readonly string[], translator: Translator): Promise<readonly BenchRow[]> => {
  const languages = [format.split('/', 1)[0] ?? '']
  const read = (index: number): Node => valueOf(readXml(texts[index] ?? ''))
  const map = (root: Node): CanonicalDocument => documentOf(translator, format, root)
  const all = (index: number): unknown => {
    const root = read(index)
    valueOf(translator.recognise(root, languages))
    const document = map(root)
    return [validateDocument(document), checkTotals(document)]
  }
  const parser = new XMLParser({ ignoreAttributes: false, removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false })
  const rival = await perCpuSecond((index) => parser.parse(texts[index] ?? ''))
  const ours = await perCpuSecond(read)
  const whole = await perCpuSecond(all)
  const roots = texts.map((_, index) => read(index))
  const documents = roots.map(map)
  const rootAt = (index: number): Node => roots[index] ?? read(index)
  const documentAt = (index: number): CanonicalDocument => documents[index] ?? map(rootAt(index))
  const row = async (step: string, work: (index: number) => unknown): Promise<BenchRow> => ({ bench: 'mapping', case: `${name}: ${step}`, value: await perCpuSecond(work), unit: '1/CPU-s' })
  return [
    { bench: 'mapping', case: `${name}: read XML`, value: ours, unit: '1/CPU-s', rival: `fast-xml-parser, nothing checked: ${rival.toFixed(0)}`, ratio: ours / rival },
    await row('recognise', (index) => valueOf(translator.recognise(rootAt(index), languages))),
    await row('hold against the description, map', (index) => translator.read(format, rootAt(index))),
    await row('hold against the canonical schema', (index) => validateDocument(documentAt(index))),
    await row('check totals', (index) => checkTotals(documentAt(index))),
    await row('canonical JSON', (index) => canonicalJson(documentAt(index))),
    { bench: 'mapping', case: `${name}: read, recognise, validate, map, check totals`, value: whole, unit: '1/CPU-s', ...towards(whole, goal) },
    await row('bytes to what is committed', prepare(translator, languages, texts)),
  ]
}

const writingRows = async ({ name, format, goal }: Subject, texts: readonly string[], translator: Translator): Promise<readonly BenchRow[]> => {
  const prefixes = translator.prefixesOf(format)
  const documents = texts.map((text) => documentOf(translator, format, valueOf(readXml(text))))
  const write = (index: number): Node => {
    const document = documents[index]
    if (document === undefined) throw new Error('There is no such document.')
    return valueOf(translator.write(format, document))
  }
  const tree = await perCpuSecond(write)
  const bytes = await perCpuSecond((index) => Buffer.from(valueOf(writeXml(write(index), { prefixes }))))
  return [
    { bench: 'mapping', case: `${name}: the other direction, to a tree`, value: tree, unit: '1/CPU-s' },
    { bench: 'mapping', case: `${name}: the other direction, to bytes`, value: bytes, unit: '1/CPU-s', ...towards(bytes, goal) },
  ]
}

const towards = (value: number, goal: number | undefined): Pick<BenchRow, 'rival' | 'ratio'> => (goal === undefined ? {} : { rival: `goal: ${goal}`, ratio: value / goal })

const prepare = (translator: Translator, languages: readonly string[], texts: readonly string[]): (index: number) => unknown => {
  const deps = { translator, validate: validateDocument, checkTotals, newId: () => randomUUID() }
  const channel = makeChannel({ id: 'bench', languages })
  const bodies = texts.map((text) => Buffer.from(text))
  const arrival = { messageId: randomUUID() as MessageId, replay: false, sender: 'bench', caller: undefined, idempotencyKey: undefined, receivedAt: '2026-11-02T08:00:00.000Z', contentType: 'application/xml', contentEncoding: undefined }
  return (index) => prepareItem(deps, channel, { ...arrival, raw: bodies[index] ?? Buffer.alloc(0) })
}

const valueOf = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.detail)
  return result.value
}

const documentOf = (translator: Translator, format: string, root: Node): CanonicalDocument => {
  const [document] = translator.read(format, root).documents
  if (document === undefined) throw new Error('The document was not mapped.')
  return document
}

/** The best round, since other work on the machine only ever makes one slower: measured until a few in a row are no better, so that all is compiled. */
const perCpuSecond = async (work: (index: number) => unknown): Promise<number> => {
  let best = 0
  for (let since = 0, round = 0; since < patience && round < mostRounds; since++, round++) {
    const rate = await roundOf(work)
    if (rate > best * 1.03) since = 0
    best = Math.max(best, rate)
  }
  return best
}

const roundOf = async (work: (index: number) => unknown): Promise<number> => {
  const before = process.cpuUsage()
  let done = 0
  let cpuMs = 0
  while (cpuMs < roundCpuMs) {
    for (let index = 0; index < variants; index++) {
      const made = work(index)
      if (made instanceof Promise) await made
    }
    done += variants
    const { user, system } = process.cpuUsage(before)
    cpuMs = (user + system) / 1000
  }
  return done / cpuMs * 1000
}
