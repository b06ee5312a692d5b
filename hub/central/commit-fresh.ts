import type { MessageId } from '../../schemas/ids.js'
import type { Tx } from '../ops/database.js'
import type { CommitDocument, CommitItem, Committed } from './commit-item.js'
import { composeAnswer, withJournalSeq } from './compose-answer.js'
import type { Placement } from './place-documents.js'
import { freshStatement, type FreshMessage } from './fresh-statement.js'
import { largeBytes } from './write-messages.js'

/**
 * Stores those of the messages whose keys and documents are all unknown so far, in one statement that is a transaction of its own, and gives what each is answered,
 * by its message id. Of the others nothing is stored: they need to see what is there, and take commitBatch. No two may have one key.
 */
export const commitFresh = async (database: Tx, items: readonly CommitItem[]): Promise<ReadonlyMap<MessageId, Committed>> => {
  const messages = likelyFresh(items).map(freshMessage)
  if (messages.length === 0) return new Map()
  const { text, values } = freshStatement(messages)
  const [stored] = await database.query<{ base: number | null, left: readonly string[] | null }>(text, values)
  if (stored === undefined) throw new Error('The statement gave no row.')
  const left = new Set(stored.left)
  return numbered(left.size === 0 ? messages : messages.filter(({ item }) => !left.has(item.messageId)), stored.base ?? 0)
}

/** What is told of the document apart from all others. */
export const documentKeyOf = ({ sender, kind, number }: CommitDocument): string => `${kind}\0${sender}\0${number}`

/** One that shares a document with another before it in the batch follows after it. */
const likelyFresh = (items: readonly CommitItem[]): readonly CommitItem[] => {
  const met = new Set<string>()
  return items.filter((item) => {
    const keys = item.parts.flatMap(({ documents }) => documents.map(documentKeyOf))
    const before = met.size
    for (const key of keys) met.add(key)
    return met.size === before + keys.length && !item.replay && (item.attachments ?? []).length === 0 && item.raw.length < largeBytes && item.isKept !== true
  })
}

/** The position is drawn by the database and told to nobody. */
const firstRevision: Placement = { type: 'new', revision: 1, replaces: undefined, position: 0 }

const freshMessage = (item: CommitItem): FreshMessage => {
  const documents = item.parts.flatMap((part) => part.documents.map((document) => ({ part, document })))
  return { item, documents, answer: composeAnswer(item, item.messageId, new Map(documents.map(({ document }) => [document.id, firstRevision]))) }
}

const numbered = (messages: readonly FreshMessage[], base: number): ReadonlyMap<MessageId, Committed> => {
  let last = base
  return new Map(messages.map(({ item, answer, documents }) => {
    const first = last + 1
    last += documents.length
    const entries = documents.length === 0 ? undefined : { first, last }
    return [item.messageId, { answer: withJournalSeq(answer, entries?.last), entries }]
  }))
}
