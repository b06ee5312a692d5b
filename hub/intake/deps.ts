import type { Credentials } from '../../schemas/credentials.js'
import type { CanonicalDocument, DocumentKind } from '../../schemas/canonical/canonical-document.js'
import type { JournalNumber, MessageId } from '../../schemas/ids.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import type { Result } from '../../schemas/result.js'
import type { Caller } from '../access/access.js'
import type { CommitItem, Committed, EntryRange } from '../central/commit-item.js'
import type { Sent } from '../ops/database.js'
import type { StoredMessage } from '../central/messages.js'
import type { Channel } from './channel.js'
import type { Quotas } from './quotas.js'
import type { Turns } from './turns.js'
import type { ReadTexts } from './read-message.js'
import type { CheckParts } from './schema-sets/check-parts.js'

/** What the intake asks of the mappings. */
export interface Translator {
  readonly recognise: (root: Node, languages: readonly string[]) => Result<{ readonly id: string, readonly kind: DocumentKind, readonly version: string }>
  readonly read: (formatId: string, root: Node, options?: { readonly lineage?: boolean, readonly strict?: boolean, readonly validation?: 'refuse' | 'warn' }) => {
    /** Empty when an issue is an error. */
    readonly documents: readonly CanonicalDocument[]
    readonly test: boolean
    readonly issues: readonly Issue[]
    readonly lineage: readonly unknown[]
  }
  /** What reads text that is neither XML nor JSON, where one of these languages is of such. */
  readonly textsOf: (languages: readonly string[]) => ReadTexts | undefined
  /** Elements, and attributes with an `@`, whose values appear nowhere. */
  readonly secretNames: readonly string[]
  /** The issues, found on the document, with the places of the source that they mean. */
  readonly locate: (formatId: string, root: Node, issues: readonly Issue[]) => readonly Issue[]
}

/** What is asked of the mappings besides where a format as it was is to be run. */
export interface VersionedTranslator {
  readonly formats: readonly { readonly id: string, readonly version: string }[]
  /** A format as it was. Fails with mapping-invalid. */
  readonly ofSources: (formatId: string, files: Readonly<Record<string, string>>) => Result<{
    readonly version: string
    readonly functionsChanged: boolean
    /** How texts of its language that are neither XML nor JSON were read then. */
    readonly texts: ReadTexts | undefined
    readonly read: (root: Node) => ReturnType<Translator['read']>
  }>
}

/** What it takes to turn bytes into documents. */
export interface PrepareDeps {
  readonly translator: Translator
  readonly validate: (document: CanonicalDocument) => readonly Issue[]
  readonly checkTotals: (document: CanonicalDocument) => readonly Issue[]
  /** Holds the parts of a message against the schemas that are registered for them; absent where none can be. */
  readonly checkParts?: CheckParts
  /** A new UUID, version 7: ids grow with time. */
  readonly newId: () => string
}

export interface Log {
  readonly info: (fields: object, text: string) => void
}

export interface ReceiveDeps extends PrepareDeps {
  readonly channel: (id: string) => Channel | undefined
  readonly channelIds: () => readonly string[]
  readonly callerOf: (credentials: Credentials) => Promise<Result<Caller>>
  readonly authorise: (credentials: Credentials, channel: string) => Promise<Result<Caller>>
  readonly commit: (item: CommitItem) => Promise<Result<Committed>>
  /** Sends the bytes of a large message ahead, to be kept while it is read; rejects where there is no connection. */
  readonly keepEarly: (id: MessageId, raw: Uint8Array) => Promise<Sent>
  /** Drops them where the message was not stored. */
  readonly dropEarly: (id: MessageId) => Promise<unknown>
  /** How far each of the followers had come when all had passed these entries, or when the time ran out. */
  readonly waitFor: (followers: readonly string[], entries: EntryRange, timeoutMs: number) => Promise<Readonly<Record<string, JournalNumber>>>
  readonly quotas: Quotas
  readonly turns: Turns
  readonly nowMs: () => number
  readonly log: Log
}

/** How stored messages are found again. */
export interface StoredDeps {
  readonly messageById: (id: MessageId) => Promise<StoredMessage | undefined>
  readonly rawOfMessage: (id: MessageId) => Promise<Uint8Array | undefined>
}
