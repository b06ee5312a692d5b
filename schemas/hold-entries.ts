import { isTradeDocument, type CanonicalDocument } from './canonical/canonical-document.js'
import type { JournalNumber } from './ids.js'
import type { FactEntry } from './journal-entry.js'
import { keyedPartiesOf } from './source-key.js'
import { threadAnchorsOf, threadIdOf } from './thread-id.js'

/**
 * What an entry holds while it waits: its document with all revisions, the threads that this belongs to, and the business between its buyer and its seller, or the
 * party that it tells of. Not one of the two alone: that may be the hub's own company, which stands in every document. Tests hold tests.
 */
export const keysOf = (entry: FactEntry): readonly string[] => {
  if (entry.type !== 'document.accepted') return []
  const { document, system, documentId, replaces } = entry
  const threads = (of: CanonicalDocument) => threadAnchorsOf(system, of).map((anchor) => `thread ${threadIdOf(system, anchor)}`)
  const parties = (of: CanonicalDocument) => partiesOf(system, of)
  const keys = [`document ${documentId}`, ...(replaces === undefined ? [] : [`document ${replaces}`]), ...asFarAsKnown(document, threads), ...asFarAsKnown(document, parties)]
  return [...new Set(keys.map((key) => (entry.test ? `test ${key}` : key)))]
}

/** One whose keys cannot be told, not of its head alone either, cannot be followed, and has to be parked all the same. */
const asFarAsKnown = (document: CanonicalDocument, keysIn: (document: CanonicalDocument) => readonly string[]): readonly string[] => {
  for (const known of 'lines' in document ? [document, { ...document, lines: [] }] : [document]) {
    try {
      return keysIn(known)
    } catch {
      continue
    }
  }
  return []
}

const partiesOf = (system: string, document: CanonicalDocument): readonly string[] => {
  const parties = keyedPartiesOf(system, document).filter(({ line }) => line === undefined)
  const keyIn = (wanted: string): string | undefined => parties.find(({ role }) => role === wanted)?.key
  const [buyer, seller] = [keyIn('buyer'), keyIn('seller')]
  if (!isTradeDocument(document)) return buyer === undefined ? [] : [`party ${buyer}`]
  return buyer === undefined || seller === undefined ? [] : [`between ${buyer} and ${seller}`]
}

export interface Held {
  readonly entry: FactEntry
  readonly by: JournalNumber
  readonly keys: readonly string[]
}

interface Before {
  /** Entries that wait, each with what it holds. */
  readonly holders: readonly { readonly entry: JournalNumber, readonly keys: readonly string[] }[]
  /** Entries that wait, as far as decisions of these entries follow from them. */
  readonly waiting: ReadonlySet<JournalNumber>
}

/** Divides entries into those that can be followed and those that have to wait: for one that waits already, or for one of these. The same however the journal is cut into batches. */
export const holdEntries = (entries: readonly FactEntry[], { holders, waiting }: Before): { readonly free: readonly FactEntry[], readonly held: readonly Held[] } => {
  const holding = new Map<string, JournalNumber>()
  const hold = (key: string, by: JournalNumber): void => { if (by < (holding.get(key) ?? Infinity)) holding.set(key, by) }
  for (const { entry, keys } of holders) for (const key of keys) hold(key, entry)
  const held: Held[] = []
  const free = entries.filter((entry) => {
    const keys = keysOf(entry)
    const followsHeld = entry.type === 'identity.decided' && (waiting.has(entry.cause) || held.some((one) => one.entry.number === entry.cause))
    const by = followsHeld ? entry.cause : Math.min(...keys.map((key) => holding.get(key) ?? Infinity))
    // One that is tried again has those behind it that wait for it.
    if (by >= entry.number) return true
    held.push({ entry, by, keys })
    for (const key of keys) hold(key, entry.number)
    return false
  })
  return { free, held }
}
