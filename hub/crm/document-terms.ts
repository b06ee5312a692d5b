import type { SourceKey } from '../../schemas/ids.js'
import type { DocumentAccepted } from '../../schemas/journal-entry.js'
import { keyedPartiesOf } from '../../schemas/source-key.js'

/**
 * What a document is found by. A term that begins with # names something as a whole, so that it meets no word; a word is a run of letters and digits, and of scripts that
 * are written without spaces each two neighbouring characters.
 */
type Term = string

/** In characters; what comes after is not looked for. */
const longestWord = 60
const longestName = 200
/** Of one document, in UTF-8: PostgreSQL takes a megabyte. */
const mostBytes = 200_000

const unspaced = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}'
const runs = new RegExp(`[${unspaced}]+|(?:(?![${unspaced}])[\\p{L}\\p{N}\\p{M}])+`, 'gu')
const isUnspaced = new RegExp(`^[${unspaced}]`, 'u')

const fold = (text: string): string => text.normalize('NFKC').toLowerCase()
const clip = (text: string, most: number): string => (text.length <= most ? text : Array.from(text).slice(0, most).join(''))

const runsOf = (text: string): readonly string[] => fold(text).match(runs) ?? []

const pairsOf = (run: string): readonly string[] => {
  const characters = Array.from(run)
  return characters.map((character, index) => character + (characters[index + 1] ?? ''))
}

/** Letters and digits are these alone, and nothing is folded but their case. */
const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text)

const wordsOf = (text: string): readonly Term[] => {
  if (isAscii(text)) return text.toLowerCase().match(/[a-z0-9]+/g)?.map((word) => clip(word, longestWord)) ?? []
  return runsOf(text).flatMap((run) => (isUnspaced.test(run) ? pairsOf(run) : [clip(run, longestWord)]))
}

const nameTerm = (what: 'number' | 'kind' | 'party' | 'item', name: string): Term => `#${what}:${clip(what === 'party' ? name : fold(name).trim(), longestName)}`

/** A GTIN has 8, 12, 13 or 14 digits, and is one with the same in 14, filled with zeros from the left (GS1 General Specifications, section 3.3.2). */
const itemTerms = (value: string): readonly Term[] => [nameTerm('item', value), ...(/^\d{8}$|^\d{12,13}$/.test(value) ? [nameTerm('item', value.padStart(14, '0'))] : [])]

/** Quantities, amounts, days and times, of which every document is full; a number that names something is none. Told with the names of what it stands in, from within. */
const isFigure = (text: string, name: string, around: string): boolean =>
  startsLikeFigure(text) && /^-?\d{1,5}(\.\d+)?$|^-?\d+\.\d+$|^\d{4}-\d\d-\d\d$|^\d\d:\d\d:\d\d/.test(text) && !/[nN]umber$/.test(name) && !(name === 'value' && around.endsWith('identifiers'))

const startsLikeFigure = (text: string): boolean => {
  const first = text.charCodeAt(0)
  return first === minus || (first >= digitZero && first <= digitNine)
}
const [minus, digitZero, digitNine] = [45, 48, 57]

/** Codes that say nothing to whoever looks for a document. */
const untold: ReadonlySet<string> = new Set(['kind', 'function', 'currency', 'unit', 'unitAsSent', 'language', 'scheme', 'use', 'country'])

const itemNames: ReadonlySet<string> = new Set(['gtin', 'buyersNumber', 'sellersNumber', 'makersNumber', 'serials'])

const namesItem = (name: string, around: string, beyond: string): boolean => {
  switch (around) {
    case 'item': return itemNames.has(name)
    case 'identifiers': return beyond === 'item' && name === 'value'
    case 'lots': return beyond === 'item' && name === 'number'
    case 'related': return name === 'number'
    default: return false
  }
}

interface Texts {
  readonly items: string[]
  /** All, those that name items too. */
  readonly all: string[]
}

/** Adds every text of a document that is no figure. */
const gatherTexts = (texts: Texts, value: unknown, name: string, around: string, beyond: string): void => {
  if (typeof value === 'string') {
    if (isFigure(value, name, around)) return
    texts.all.push(value)
    if (namesItem(name, around, beyond)) texts.items.push(value)
  } else if (Array.isArray(value)) {
    for (const one of value) gatherTexts(texts, one, name, around, beyond)
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.keys(value)) if (!untold.has(inner)) gatherTexts(texts, Reflect.get(value, inner), inner, name, around)
  }
}

/** In the order in which they count: what the document names, then its words. */
const allTermsOf = ({ system, document }: Pick<DocumentAccepted, 'system' | 'document'>): ReadonlySet<Term> => {
  const texts: Texts = { items: [], all: [] }
  gatherTexts(texts, document, '', '', '')
  const terms = new Set<Term>([nameTerm('number', document.number), nameTerm('kind', document.kind)])
  for (const { key } of keyedPartiesOf(system, document)) terms.add(nameTerm('party', key))
  for (const text of texts.items) for (const term of itemTerms(text)) terms.add(term)
  for (const text of texts.all) for (const word of wordsOf(text)) terms.add(word)
  return terms
}

/** What the document of an entry is found by, each term once; one of very many words by the first of them. */
export const documentTermsOf = (entry: Pick<DocumentAccepted, 'system' | 'document'>): readonly Term[] => {
  const terms = [...allTermsOf(entry)]
  let bytes = 0
  const end = terms.findIndex((term) => (bytes += Buffer.byteLength(term) + 8) > mostBytes)
  return end < 0 ? terms : terms.slice(0, end)
}

/** What a document is to have; all that is given holds together. */
export interface DocumentWish {
  readonly number?: string | undefined
  readonly kind?: string | undefined
  /** One of these source keys. */
  readonly parties?: readonly SourceKey[] | undefined
  readonly item?: string | undefined
  readonly text?: string | undefined
}

const lexeme = (term: Term, end: '' | ':*' = ''): string => `'${term.replaceAll('\\', '\\\\').replaceAll('\'', '\'\'')}'${end}`
const anyOf = (terms: readonly Term[]): string => `(${terms.map((term) => lexeme(term)).join(' | ')})`

/** Of a word its beginning is enough; a single character of a script without spaces stands at the beginning of a pair. */
const wordQuery = (run: string): readonly string[] => {
  if (!isUnspaced.test(run)) return [lexeme(clip(run, longestWord), ':*')]
  const pairs = pairsOf(run)
  return pairs.length === 1 ? [lexeme(pairs[0] ?? run, ':*')] : pairs.slice(0, -1).map((pair) => lexeme(pair))
}

/** The wish as PostgreSQL's text search takes it; undefined where nothing can meet it: a party that nobody knows, a text without letters or digits. */
export const documentQueryOf = ({ number, kind, parties, item, text }: DocumentWish): string | undefined => {
  const words = text === undefined ? [] : runsOf(text).flatMap(wordQuery)
  if (parties?.length === 0 || (text !== undefined && words.length === 0)) return undefined
  return [
    ...number === undefined ? [] : [lexeme(nameTerm('number', number))],
    ...kind === undefined ? [] : [lexeme(nameTerm('kind', kind))],
    ...parties === undefined ? [] : [anyOf(parties.map((key) => nameTerm('party', key)))],
    ...item === undefined ? [] : [anyOf(itemTerms(item))],
    ...words,
  ].join(' & ')
}

/** The words of a text as they are looked for elsewhere. */
export const searchedWords = (text: string): readonly string[] => runsOf(text)
