import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { DocumentAccepted, IdentityDecided, ParkedDecided, JournalEntry } from '../../schemas/journal-entry.js'
import { threadAnchorsOf, threadIdOf } from '../../schemas/thread-id.js'

/** Of the envelopes, told in schemas/wire/kafka-*.schema.json. Members may be added under one version. */
const schemaVersion = 1

/** One record as it goes to a topic. */
export interface OutgoingRecord {
  readonly topic: string
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
  readonly timestampMs: number
}

/** How entries become records. */
export interface RecordForm {
  readonly topicPrefix: string
  /** The largest value, in bytes, that a record may have. A larger one tells where the document is instead. */
  readonly mostValueBytes: number
  /** What stands before `/documents/{id}`; '' leaves the path alone. */
  readonly hubUrl: string
}

/** The records of one entry: that of the journal's topic, and of an accepted document that of its kind's. */
export interface EntryRecords {
  readonly journal: OutgoingRecord
  readonly document: OutgoingRecord | undefined
}

export const journalTopicOf = (topicPrefix: string): string => `${topicPrefix}.journal`
export const documentTopicOf = (topicPrefix: string, kind: string): string => `${topicPrefix}.documents.${kind}`

export const recordsOf = (entry: JournalEntry, form: RecordForm): EntryRecords => {
  const head = { timestampMs: Date.parse(entry.recordedAt) }
  const headers = { 'schema-version': String(schemaVersion), 'type': entry.type }
  const journal = { ...head, topic: journalTopicOf(form.topicPrefix), key: String(entry.number), headers }
  if (entry.type !== 'document.accepted') return { journal: { ...journal, value: JSON.stringify({ schemaVersion, ...entry }) }, document: undefined }
  const { kind } = entry.document
  const threadIds = threadAnchorsOf(entry.system, entry.document).map((anchor) => threadIdOf(entry.system, anchor))
  const { type, document, ...facts } = entry
  return {
    journal: { ...journal, headers: { ...headers, kind }, value: fitted({ schemaVersion, type, ...facts }, entry, form) },
    document: {
      ...head, topic: documentTopicOf(form.topicPrefix, kind), key: threadIds[0] ?? `${entry.system}/${kind}/${document.number}`, headers: { ...headers, kind },
      value: fitted({ schemaVersion, kind, ...facts, threadIds }, entry, form),
    },
  }
}

/** The envelope with the document, or where that is too large with the place where it is to be had. */
const fitted = (envelope: object, { documentId, document }: DocumentAccepted, { mostValueBytes, hubUrl }: RecordForm): string => {
  const whole = JSON.stringify({ ...envelope, document })
  if (Buffer.byteLength(whole) <= mostValueBytes) return whole
  return JSON.stringify({ ...envelope, documentAt: { href: `${hubUrl}/documents/${documentId}`, bytes: Buffer.byteLength(JSON.stringify(document)) } })
}

/** What a record of the journal's topic says. `entry` is missing where its document did not fit in. */
export interface RecordedEntry extends Pick<JournalEntry, 'number' | 'type' | 'recordedAt'> {
  readonly entry: JournalEntry | undefined
}

/** Undefined where the record is none of ours: of another schema version, or a stranger's. */
export const readRecord = (value: Uint8Array): RecordedEntry | undefined => {
  const { schemaVersion: version, ...told } = parsed(value)
  if (version !== schemaVersion || !isHead(told)) return undefined
  const { number, type, recordedAt } = told
  switch (type) {
    case 'identity.decided': return { number, type, recordedAt, entry: Array.isArray(told['decisions']) ? told as unknown as IdentityDecided : undefined }
    case 'parked.decided': return { number, type, recordedAt, entry: typeof told['entry'] === 'number' ? told as unknown as ParkedDecided : undefined }
    // A follower is handed what it would be by the table, where a revision that replaces none says so.
    case 'document.accepted': return { number, type, recordedAt, entry: isDocument(told['document']) ? { ...told, replaces: told['replaces'] } as unknown as DocumentAccepted : undefined }
    default: return undefined
  }
}

const parsed = (value: Uint8Array): Readonly<Record<string, unknown>> => {
  try {
    const read: unknown = JSON.parse(Buffer.from(value).toString('utf8'))
    return isObject(read) ? read : {}
  } catch {
    return {}
  }
}

type Head = Pick<JournalEntry, 'number' | 'type' | 'recordedAt'> & Readonly<Record<string, unknown>>

const isHead = (told: Readonly<Record<string, unknown>>): told is Head => typeof told['number'] === 'number' && typeof told['type'] === 'string' && typeof told['recordedAt'] === 'string'
const isDocument = (value: unknown): value is CanonicalDocument => isObject(value) && typeof value['kind'] === 'string'
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
