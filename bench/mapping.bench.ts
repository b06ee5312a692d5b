import { XMLParser } from 'fast-xml-parser'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
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
import { benchOrder } from './order.js'
import { printRows, type BenchRow } from './table.js'

const format = 'ubl/order'
const rounds = 3
const roundCpuMs = 400
/** Each document is read under as many numbers, so that no step sees the same text again at once. More that live long would teach the garbage collector that trees do. */
const variants = 32

/** Documents a CPU-second, step by step and in one go, up to the commit; garbage collection and compilation included. */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const loaded = await loadTranslator(projectFolder('mappings'))
  if (!loaded.ok) throw new Error(loaded.detail)
  const sample = await readFile(projectFolder('mappings', 'ubl', 'samples', 'order-soap.xml'), 'utf8')
  const rows: BenchRow[] = []
  for (const [name, xmlOf] of [['2 kB order', benchOrder], ['4 kB order', (number: string) => sample.replace(/(<cbc:ID>)[^<]*/, `$1${number}`)]] as const) {
    const texts = Array.from({ length: variants }, (_, index) => xmlOf(`PO-${index}`))
    rows.push(...await rowsOf(name, texts, loaded.value))
  }
  printRows(rows, options)
}

const rowsOf = async (name: string, texts: readonly string[], translator: Translator): Promise<readonly BenchRow[]> => {
  const read = (index: number): Node => valueOf(readXml(texts[index] ?? ''))
  const map = (root: Node): CanonicalDocument => documentOf(translator, root)
  const roots = texts.map((_, index) => read(index))
  const documents = roots.map(map)
  const rootAt = (index: number): Node => roots[index] ?? read(index)
  const documentAt = (index: number): CanonicalDocument => documents[index] ?? map(rootAt(index))
  const parser = new XMLParser({ ignoreAttributes: false, removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false })
  const rival = await perCpuSecond((index) => parser.parse(texts[index] ?? ''))
  const ours = await perCpuSecond(read)
  const row = async (step: string, work: (index: number) => unknown): Promise<BenchRow> => ({ bench: 'mapping', case: `${name}: ${step}`, value: await perCpuSecond(work), unit: '1/CPU-s' })
  return [
    { bench: 'mapping', case: `${name}: read XML`, value: ours, unit: '1/CPU-s', rival: `fast-xml-parser, nothing checked: ${rival.toFixed(0)}`, ratio: ours / rival },
    await row('recognise', (index) => valueOf(translator.recognise(rootAt(index), ['ubl']))),
    await row('map', (index) => translator.read(format, rootAt(index))),
    await row('map with lineage', (index) => translator.read(format, rootAt(index), { lineage: true })),
    await row('validate', (index) => validateDocument(documentAt(index))),
    await row('check totals', (index) => checkTotals(documentAt(index))),
    await row('canonical JSON', (index) => canonicalJson(documentAt(index))),
    await row('read, recognise, map, validate, check totals', (index) => {
      const root = read(index)
      valueOf(translator.recognise(root, ['ubl']))
      const document = map(root)
      return [validateDocument(document), checkTotals(document)]
    }),
    await row('bytes to what is committed', prepare(translator, texts)),
  ]
}

const prepare = (translator: Translator, texts: readonly string[]): (index: number) => unknown => {
  const deps = { translator, validate: validateDocument, checkTotals, newId: () => randomUUID() }
  const channel = makeChannel({ id: 'bench', languages: ['ubl'] })
  const bodies = texts.map((text) => Buffer.from(text))
  const arrival = { messageId: randomUUID() as MessageId, replay: false, sender: 'bench', caller: undefined, idempotencyKey: undefined, receivedAt: '2026-11-02T08:00:00.000Z', contentType: 'application/xml', contentEncoding: undefined }
  return (index) => prepareItem(deps, channel, { ...arrival, raw: bodies[index] ?? Buffer.alloc(0) })
}

const valueOf = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.detail)
  return result.value
}

const documentOf = (translator: Translator, root: Node): CanonicalDocument => {
  const [document] = translator.read(format, root).documents
  if (document === undefined) throw new Error('The order was not mapped.')
  return document
}

/** The best of a few rounds, since other work on the machine only ever makes one slower; the first warms up. */
const perCpuSecond = async (work: (index: number) => unknown): Promise<number> => {
  let best = 0
  for (let round = 0; round <= rounds; round++) {
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
    if (round > 0) best = Math.max(best, done / cpuMs * 1000)
  }
  return best
}
