import type { CsvGroup, CsvSplitter, CsvStretch } from '../../../schemas/csv-splitter.js'
import { fail, type Failure } from '../../../schemas/result.js'
import type { TextCutter, TextCutting, TextPiece } from '../text-binding.js'

/** How many stretches of rows each document has whose rows do not stand together, by its key. */
type Apart = ReadonlyMap<string, number>

/** So many documents may have rows that stand apart. */
const mostApart = 100_000
/** So many characters of rows wait for others of their document, in UTF-16 code units. */
const mostWaiting = 16 * 1024 * 1024

/**
 * Goes through a table once and finds the documents whose rows do not stand together. What it remembers of the others is 52 bits each: two that are mixed up by them wait to the end of the table and are taken then.
 * Fails with limit-exceeded where there are more than 100,000 such documents.
 */
export const surveyRows = (splitter: CsvSplitter): NonNullable<TextCutting['survey']> & { readonly apart: () => Apart } => {
  const seen = new Set<number>()
  const apart = new Map<string, number>()
  let failure: Failure | undefined
  const note = (groups: readonly CsvGroup[]): void => {
    for (const { key, line } of groups) {
      const mark = markOf(key)
      const before = apart.get(key)
      if (before !== undefined) apart.set(key, before + 1)
      else if (seen.has(mark)) apart.set(key, 2)
      else seen.add(mark)
      if (apart.size > mostApart) failure ??= fail('limit-exceeded', `${line}:1`, `The rows of more than ${mostApart} documents do not stand together; sort the table by the columns that its documents are told apart by.`)
    }
  }
  return {
    push: (text) => { if (failure === undefined) note(splitter.push(text)) },
    end: () => { if (failure === undefined) note(splitter.end()) },
    failure: () => failure,
    apart: () => apart,
  }
}

/** 52 bits of a text: two multiplicative hashes of 32 and 20, mixed at the end (MurmurHash3's finaliser). */
const markOf = (text: string): number => {
  let [one, two] = [0x9e3779b9, 0x85ebca6b]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    one = Math.imul(one ^ code, 0x9e3779b1)
    two = Math.imul(two ^ code, 0x5f356495)
  }
  return (mixed(one ^ (two >>> 15)) >>> 0) * 0x100000 + (mixed(two ^ (one >>> 13)) >>> 12)
}

const mixed = (bits: number): number => {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}

/** The rows of a document that have come, while others of it have not. */
interface Waiting {
  readonly stretches: CsvStretch[]
  left: number
  /** Told of already, and none of its rows is taken. */
  refused: boolean
}

/** Gives the rows of each document together: of those that stand apart, where the last of them stands. */
export const gatherRows = ({ push, end, failure }: CsvSplitter, apart: Apart, pieceOf: (stretches: readonly CsvStretch[]) => TextPiece): TextCutter => {
  const waiting = new Map<string, Waiting>()
  let characters = 0
  const take = (group: CsvGroup): TextPiece | undefined => {
    const count = apart.get(group.key)
    if (count === undefined) return group.failure === undefined ? pieceOf([group]) : refused(group.failure)
    const known = waiting.get(group.key) ?? { stretches: [], left: count, refused: false }
    waiting.set(group.key, known)
    known.left--
    if (known.refused) return undefined
    // Cut out anew: a slice would keep all of the step in memory that it was cut from.
    known.stretches.push({ text: Buffer.from(group.text).toString(), line: group.line })
    characters += group.text.length
    const tooMany = group.failure ?? (characters > mostWaiting && known.left > 0 ? waitsTooLong(known) : undefined)
    if (tooMany === undefined && known.left > 0) return undefined
    const stretches = known.stretches.splice(0)
    characters -= lengthOf(stretches)
    known.refused = true
    if (known.left === 0) waiting.delete(group.key)
    return tooMany === undefined ? pieceOf(stretches) : refused(tooMany)
  }
  const pieces = (groups: readonly CsvGroup[]): TextPiece[] => groups.flatMap((group) => take(group) ?? [])
  return {
    push: (text) => pieces(push(text)),
    end: () => [...pieces(end()), ...[...waiting.values()].filter((one) => !one.refused).map(({ stretches }) => pieceOf(stretches))],
    failure,
  }
}

const lengthOf = (stretches: readonly CsvStretch[]): number => stretches.reduce((sum, { text }) => sum + text.length, 0)

const waitsTooLong = ({ stretches: [first] }: Waiting): Failure =>
  fail('limit-exceeded', `${first?.line ?? 1}:1`, `The rows of the document that begins here stand apart from each other, and more than ${mostWaiting} characters of such rows came between; sort the table by the columns that its documents are told apart by.`)

const refused = (failure: Failure): TextPiece => ({ length: 0, read: () => failure })
