import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { DocumentId } from '../../schemas/ids.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import type { Tx } from '../ops/database.js'
import type { CommitDocument, CommitItem } from './commit-item.js'
import { composeAnswer } from './compose-answer.js'
import type { Placement } from './place-documents.js'

/** What would become of a document: `gone` is one that the message brought before and now brings no more. */
export type Fate = 'unchanged' | 'changed' | 'added' | 'stale' | 'gone'

interface ForeseenDocument {
  readonly part: number
  readonly kind: string
  readonly number: string
  readonly fate: Fate
  /** The current revision; null where there is none. */
  readonly revision: number | null
  /** As it stands now: the current revision, or what the message brought where a later one has replaced that. */
  readonly before: CanonicalDocument | undefined
  readonly after: CanonicalDocument | undefined
}

export interface Foreseen {
  /** What would be answered, were the message new. */
  readonly answer: MessageAnswer
  readonly documents: readonly ForeseenDocument[]
}

/** How the current revision stands to a message that brought the document, or would. */
export interface Standing {
  readonly headId: DocumentId | null
  readonly headRevision: number | null
  readonly headSha256: string | null
  /** Of the head, and of the message's own document, or else of the message. */
  readonly headPosition: number | null
  readonly ownPosition: number | null
  readonly messagePosition: number
}

interface StandingRow extends Standing {
  readonly sender: string
  readonly kind: string
  readonly number: string
  readonly part: number | null
  readonly head: CanonicalDocument | null
  readonly own: CanonicalDocument | null
}

/** Every document that the message brought or would bring, with the current revision and the message's own. */
const standingsOf = (tx: Tx, messageId: string, documents: readonly CommitDocument[]): Promise<readonly StandingRow[]> => tx.query<StandingRow>(`
  with own as (
    select distinct on (sender, kind, number) sender, kind, number, part, position, body from document where message_id = $1 order by sender, kind, number, position desc, revision desc
  ), named as (
    select sender, kind, number from own union select * from unnest($2::text[], $3::text[], $4::text[])
  )
  select named.sender, named.kind, named.number, own.part, head.document_id as "headId", head.revision as "headRevision", head.content_sha256 as "headSha256",
    head.position as "headPosition", own.position as "ownPosition", (select position from message where id = $1) as "messagePosition", current.body as head, own.body as own
  from named left join own using (sender, kind, number) left join document_head head using (sender, kind, number) left join document current on current.id = head.document_id`,
[messageId, documents.map(({ sender }) => sender), documents.map(({ kind }) => kind), documents.map(({ number }) => number)])

const nameOf = ({ sender, kind, number }: Pick<StandingRow, 'sender' | 'kind' | 'number'>): string => JSON.stringify([sender, kind, number])

/** What a stored message, processed again as `item`, would come to. Writes nothing; judges as raiseHeads does. */
export const foreseeCommit = async (tx: Tx, item: CommitItem): Promise<Foreseen> => {
  const documents = item.parts.flatMap((part) => part.documents.map((document) => ({ part: part.ordinal, document })))
  const standings = new Map((await standingsOf(tx, item.messageId, documents.map(({ document }) => document))).map((row) => [nameOf(row), row]))
  const placements = new Map<DocumentId, Placement>()
  const seen = new Map<string, CommitDocument>()
  const foreseen = documents.map(({ part, document }): ForeseenDocument => {
    const standing = standings.get(nameOf(document))
    const fate = fateOf(document, standing, seen.get(nameOf(document)))
    seen.set(nameOf(document), document)
    placements.set(document.id, placementOf(document, fate, standing))
    const before = (fate === 'stale' ? standing?.own : standing?.head) ?? undefined
    return { part, kind: document.kind, number: document.number, fate, revision: standing?.headRevision ?? null, before, after: documentOf(document) }
  })
  const gone = [...standings.values()].filter((row) => row.own !== null && !seen.has(nameOf(row))).map(({ part, kind, number, headRevision, own }): ForeseenDocument =>
    ({ part: part ?? 1, kind, number, fate: 'gone', revision: headRevision, before: own ?? undefined, after: undefined }))
  return { answer: composeAnswer(item, item.messageId, placements), documents: [...foreseen, ...gone] }
}

/** The body was made of one. */
const documentOf = ({ body }: CommitDocument): CanonicalDocument => JSON.parse(body) as CanonicalDocument

/** `sibling` is what the same message brought of the document before. */
export const fateOf = (document: CommitDocument, standing: Standing | undefined, sibling: CommitDocument | undefined): Exclude<Fate, 'gone'> => {
  if (sibling !== undefined) return sibling.contentSha256 === document.contentSha256 ? 'unchanged' : 'changed'
  if (standing?.headPosition == null) return 'added'
  if (standing.headSha256 === document.contentSha256) return 'unchanged'
  return standing.headPosition <= (standing.ownPosition ?? standing.messagePosition) ? 'changed' : 'stale'
}

export const placementOf = (document: CommitDocument, fate: Exclude<Fate, 'gone'>, standing: Standing | undefined): Placement => {
  const revision = standing?.headRevision ?? 0
  switch (fate) {
    case 'unchanged': return { type: 'duplicate', id: standing?.headId ?? document.id, revision: Math.max(revision, 1), threadIds: document.threadIds }
    case 'stale': return { type: 'stale', revision }
    case 'added':
    case 'changed': return { type: 'new', revision: revision + 1, replaces: standing?.headId ?? undefined, position: 0 }
    default: return fate satisfies never
  }
}
