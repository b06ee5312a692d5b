import { readFileSync } from 'node:fs'
import { projectFolder } from '../schemas/project-folder.js'

/** A large text of many documents, as a user's system writes it: the sample of its language over and over, each under a number of its own. */
interface GiantText {
  /** How giant-reader calls the way of cutting it. */
  readonly way: 'table' | 'edifact' | 'records'
  readonly what: string
  /** Of so many bytes, a little less. */
  readonly text: (bytes: number) => Generator<Buffer>
}

const sampleOf = (language: string, name: string, encoding: BufferEncoding): string => readFileSync(projectFolder('mappings', language, 'samples', name), encoding)

/** What stands before the documents, the documents by their number, and what stands behind so many of them. */
interface Batch {
  readonly head: string
  readonly document: (number: string) => string
  readonly tail: (count: number) => string
  readonly encoding: BufferEncoding
}

const chunkDocuments = 64

const write = function* ({ head, document, tail, encoding }: Batch, bytes: number): Generator<Buffer> {
  yield Buffer.from(head, encoding)
  const count = Math.floor((bytes - head.length) / Buffer.byteLength(document('0000000000'), encoding))
  for (let made = 0; made < count; made += chunkDocuments) {
    const numbers = Array.from({ length: Math.min(chunkDocuments, count - made) }, (_, index) => String(made + index).padStart(10, '0'))
    yield Buffer.from(numbers.map(document).join(''), encoding)
  }
  yield Buffer.from(tail(count), encoding)
}

const table = (): Batch => {
  const [header = '', ...rows] = sampleOf('shop-csv', 'order.csv', 'utf8').split(/\n(?=0045|Order|;)/)
  const body = `${rows.filter((one) => one.startsWith('0045')).join('\n').trimEnd()}\n`
  return { head: `${header}\n`, document: (number) => body.replaceAll('0045001234', number), tail: () => '', encoding: 'utf8' }
}

const interchange = (): Batch => {
  const text = sampleOf('edifact', 'order.edi', 'latin1')
  const [from, to] = [text.indexOf('UNH+'), text.indexOf('UNZ+')]
  const message = text.slice(from, to)
  return { head: text.slice(0, from), document: (number) => message.replace('PO-2026-0815', number).replaceAll('M1', number), tail: (count) => `UNZ+${count}+REF0815'\n`, encoding: 'latin1' }
}

const records = (): Batch => {
  const text = sampleOf('idoc', 'order-flat.txt', 'utf8')
  return { head: '', document: (number) => text.replaceAll('4500000815', number), tail: () => '', encoding: 'utf8' }
}

export const giantTexts: readonly GiantText[] = [
  { way: 'table', what: 'a table of orders', text: (bytes) => write(table(), bytes) },
  { way: 'edifact', what: 'an interchange of EDIFACT', text: (bytes) => write(interchange(), bytes) },
  { way: 'records', what: 'records of SAP\'s IDocs', text: (bytes) => write(records(), bytes) },
]
