import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import { XMLParser } from 'fast-xml-parser'
import { readPieces } from '../hub/intake/giants/read-pieces.js'
import { loadTranslator } from '../mappings/engine/translator.js'
import { decodeStream } from '../schemas/decode-stream.js'
import { projectFolder } from '../schemas/project-folder.js'
import { readXml } from '../schemas/xml-reader.js'
import { makeXmlSplitter } from '../schemas/xml-splitter.js'

/** What one way of reading a batch took, in a process of its own. */
export interface GiantReading {
  readonly documents: number
  readonly megabytes: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** The most memory that the process held, all of it, in MB. */
  readonly peakMegabytes: number
}

/** Takes the file that holds the batch, gives how many documents it found. */
type Way = (file: string) => Promise<number>

const split = (each: (cut: ReturnType<ReturnType<typeof makeXmlSplitter>['push']>[number]) => void): Way => async (file) => {
  const splitter = makeXmlSplitter({ onRoot: () => undefined })
  let documents = 0
  const take = (cuts: ReturnType<typeof splitter.push>): void => {
    documents += cuts.length
    for (const cut of cuts) each(cut)
  }
  for await (const step of decodeStream(() => bytesOf(file))) {
    if (!step.ok) throw new Error(step.detail)
    take(splitter.push(step.value))
  }
  take(splitter.end())
  return documents
}

const bytesOf = (file: string): AsyncIterable<Uint8Array> => createReadStream(file, { highWaterMark: 256 * 1024 })

interface SaxParser {
  onopentag: (tag: { readonly name: string }) => void
  readonly write: (text: string) => unknown
  readonly close: () => unknown
}

/** node-soap's own parser, taken from where node-soap has it. */
const saxParser = (): SaxParser => {
  const sax = createRequire(createRequire(import.meta.url).resolve('soap'))('sax') as { readonly parser: (strict: boolean, options: object) => SaxParser }
  return sax.parser(true, { xmlns: true })
}

const bySax: Way = async (file) => {
  const parser = saxParser()
  let documents = 0
  parser.onopentag = ({ name }) => { if (name === 'Order') documents++ }
  for await (const step of decodeStream(() => bytesOf(file))) if (step.ok) parser.write(step.value)
  parser.close()
  return documents
}

const byFastXmlParser: Way = async (file) => {
  const parser = new XMLParser({ ignoreAttributes: false, removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false })
  const parsed = parser.parse(await readFile(file, 'utf8')) as { readonly Orders: { readonly Order: readonly unknown[] } }
  return parsed.Orders.Order.length
}

/** As the hub cuts a giant that is neither XML nor JSON; a table is gone through twice. */
const cutText = (languages: readonly string[], read: boolean) => async (): Promise<Way> => {
  const translator = await loadTranslator(projectFolder('mappings'))
  if (!translator.ok) throw new Error(translator.detail)
  const texts = translator.value.textsOf(languages)
  return (file) => cutFile(file, languages, read, translator.value.partsOf, texts)
}

const cutFile = async (file: string, languages: readonly string[], read: boolean, ...[partsOf, texts]: [Parameters<typeof readPieces>[0], Parameters<typeof readPieces>[3]]): Promise<number> => {
  const { size } = await stat(file)
  const giant = { source: () => bytesOf(file), bytes: size, contentType: '', contentEncoding: undefined }
  const channel = { languages, maxBytes: 20_000_000, maxNodes: 250_000, maxGiantBytes: 1e9, maxExpandedBytes: 1e9 }
  let documents = 0
  for await (const pieces of readPieces(partsOf, channel, giant, texts)) {
    documents += pieces.length
    if (read) for (const piece of pieces) if (!piece.read().every(({ root }) => root.ok)) throw new Error('a part was refused')
  }
  return documents
}

/** Made ready before the clock starts. */
const ways: Readonly<Record<string, () => Way | Promise<Way>>> = {
  'split': () => split(() => undefined),
  'split-and-read': () => split((cut) => { if (!cut.ok || !readXml(cut.value.text, {}, { nodes: 0 }, cut.value.context).ok) throw new Error('a part was refused') }),
  'table': cutText(['shop-csv'], false),
  'table-and-read': cutText(['shop-csv'], true),
  'edifact': cutText(['edifact', 'x12'], false),
  'edifact-and-read': cutText(['edifact', 'x12'], true),
  'records': cutText(['idoc'], false),
  'records-and-read': cutText(['idoc'], true),
  'sax': () => bySax,
  'fast-xml-parser': () => byFastXmlParser,
}

const [name = '', file = ''] = process.argv.slice(2)
const made = ways[name]
if (made === undefined) throw new Error(`Usage: giant-reader.js ${Object.keys(ways).join('|')} FILE`)
const way = await made()
const before = process.cpuUsage()
const startedMs = performance.now()
const documents = await way(file)
const seconds = (performance.now() - startedMs) / 1000
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({
  documents, megabytes: (await stat(file)).size / 1e6, seconds, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS * 1024 / 1e6,
} satisfies GiantReading))
