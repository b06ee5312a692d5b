import type { DocumentKind } from '../../schemas/canonical/canonical-document.js'
import type { DocumentId, JournalNumber, MessageId, SourceKey, ThreadId } from '../../schemas/ids.js'
import type { Issue, MessageAnswer } from '../../schemas/message-answer.js'
import type { KeyedReference } from '../../schemas/source-key.js'

/** A message that was read and mapped as far as it could be, ready to be stored with its outcome. */
export interface CommitItem {
  /** Of a message that is new; a message repeated keeps the id it had. */
  readonly messageId: MessageId
  /** A UUID, new for each attempt at processing. */
  readonly attempt: string
  /** True when an operator runs the stored message `messageId` again. */
  readonly replay: boolean
  readonly channel: string
  readonly system: string
  readonly sender: string
  readonly caller: string | undefined
  /** As the sender gave it; without one the content is the key. */
  readonly idempotencyKey: string | undefined
  /** UTC. */
  readonly receivedAt: string
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly raw: Uint8Array
  /** The bytes were kept early under this message's id. */
  readonly isKept?: boolean
  readonly rawSha256: string
  /** Files beside the message's bytes; none at a replay, which finds them stored. */
  readonly attachments?: readonly CommitAttachment[]
  /** At least one; what could not be read is one part with its error. Where there are several, each is answered for itself. */
  readonly parts: readonly CommitPart[]
}

export interface CommitAttachment {
  readonly name: string | undefined
  readonly contentType: string | undefined
  readonly bytes: Uint8Array
  /** In hex. */
  readonly sha256: string
}

/** A part with an error that is no warning has no documents. */
export interface CommitPart {
  /** From 1. */
  readonly ordinal: number
  readonly sender: string | undefined
  readonly receiver: string | undefined
  readonly controlNumber: string | undefined
  readonly test: boolean
  readonly ackWanted: boolean
  readonly format: string | undefined
  readonly mappingVersion: string | undefined
  /** The registered schemas that it was held against; absent where there were none for it. */
  readonly schemas?: readonly { readonly name: string, readonly version: string }[]
  readonly documents: readonly CommitDocument[]
  readonly issues: readonly Issue[]
  /** Of a giant's part: where it begins in the whole, `line:column`; absent where that is not known. */
  readonly place?: string
}

export interface CommitDocument {
  readonly id: DocumentId
  readonly kind: DocumentKind
  readonly number: string
  readonly sender: string
  readonly issuerKey: SourceKey | undefined
  readonly function: string
  readonly test: boolean
  readonly references: readonly KeyedReference[]
  readonly threadIds: readonly ThreadId[]
  /** Of the canonical content, in hex. */
  readonly contentSha256: string
  /** The canonical document as JSON. */
  readonly body: string
}

/** The numbers of the first and last journal entry that a message caused. */
export interface EntryRange {
  readonly first: JournalNumber
  readonly last: JournalNumber
}

export interface Committed {
  readonly answer: MessageAnswer
  readonly entries: EntryRange | undefined
}
