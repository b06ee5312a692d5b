import { XMLParser } from 'fast-xml-parser'
import { readXml } from '../schemas/xml-reader.js'
import { benchOrder } from './order.js'
import { printRows, type BenchRow } from './table.js'

const rounds = 4
const roundCpuMs = 500
/** Each document under as many numbers, so that no step sees the same text again at once. */
const variants = 32

/** One case: ours and a rival's work on the same documents, by turns in the same run. */
interface WireCase {
  readonly name: string
  /** The bytes of one document, for MB/s. */
  readonly bytes: number
  readonly ours: (index: number) => unknown
  readonly rival?: { readonly name: string, readonly work: (index: number) => unknown }
}

/** The wire's speeds, in MB a CPU-second (garbage collection and compilation included) and documents a CPU-second. A case is one element of `cases`. */
export const bench = (options: { readonly json: boolean }): Promise<void> => {
  const cases: readonly WireCase[] = [readCase('read 2 kB', benchOrder), readCase('read 20 kB', longOrder)]
  printRows(cases.flatMap(rowsOf), options)
  return Promise.resolve()
}

const readCase = (name: string, documentOf: (number: string) => string): WireCase => {
  const texts = Array.from({ length: variants }, (_, index) => documentOf(`PO-${index}`))
  const parser: { readonly parse: (xml: string, validate: boolean) => unknown } = new XMLParser({ ignoreAttributes: false, removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false })
  return {
    name,
    bytes: Buffer.byteLength(texts[0] ?? ''),
    ours: (index) => {
      const root = readXml(texts[index] ?? '')
      if (!root.ok) throw new Error(root.detail)
      return root
    },
    rival: {
      name: 'fast-xml-parser with validation',
      work: (index) => parser.parse(texts[index] ?? '', true),
    },
  }
}

const moreLines = 40

/** The order with as many lines as make about 20 kB of it. */
const longOrder = (number: string): string => {
  const order = benchOrder(number)
  const from = order.indexOf('<cac:OrderLine>')
  const to = order.indexOf('</cac:OrderLine>') + '</cac:OrderLine>'.length
  return order.slice(0, to) + `\n${order.slice(from, to)}`.repeat(moreLines) + order.slice(to)
}

const rowsOf = ({ name, bytes, ours, rival }: WireCase): readonly BenchRow[] => {
  const best = { ours: 0, rival: 0 }
  for (let round = 0; round < rounds; round++) {
    best.ours = Math.max(best.ours, perCpuSecond(ours))
    if (rival !== undefined) best.rival = Math.max(best.rival, perCpuSecond(rival.work))
  }
  const row = (unit: string, each: number): BenchRow => ({
    bench: 'wire', case: `${name} (${bytes} bytes)`, value: best.ours * each, unit,
    ...(rival === undefined ? {} : { rival: `${rival.name}: ${(best.rival * each).toFixed(each < 1 ? 1 : 0)}`, ratio: best.ours / best.rival }),
  })
  return [row('MB/CPU-s', bytes / 1e6), row('1/CPU-s', 1)]
}

/** The best of a few rounds counts, since other work on the machine only ever makes one slower. */
const perCpuSecond = (work: (index: number) => unknown): number => {
  const before = process.cpuUsage()
  let done = 0
  let cpuMs = 0
  while (cpuMs < roundCpuMs) {
    for (let index = 0; index < variants; index++) work(index)
    done += variants
    const { user, system } = process.cpuUsage(before)
    cpuMs = (user + system) / 1000
  }
  return done / cpuMs * 1000
}
