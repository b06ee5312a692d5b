import type { DocumentId, MessageId } from '../../schemas/ids.js'
import type { AnsweredDocument, AnsweredPart, Issue, MessageAnswer, Outcome } from '../../schemas/message-answer.js'
import type { CommitDocument, CommitItem, CommitPart } from './commit-item.js'
import type { Placement } from './place-documents.js'

type Placements = ReadonlyMap<DocumentId, Placement>

/** What the sender is told, without the journal number, once each document has its place. */
export const composeAnswer = (item: CommitItem, messageId: MessageId, placements: Placements): MessageAnswer => {
  const parts = answerParts(item.parts, placements)
  const outcome = outcomeOfParts(parts.map((part) => part.outcome))
  const documents = parts.flatMap((part) => part.documents)
  if (parts.length === 1) return { messageId, outcome, documents, errors: parts.flatMap((part) => part.errors) }
  const errors = parts.flatMap(errorsOfPart)
  return { messageId, outcome, documents, parts, errors }
}

/** What is told of each part, once each of their documents has its place. */
export const answerParts = (parts: readonly CommitPart[], placements: Placements): readonly AnsweredPart[] => parts.map((part) => answerPart(part, placements))

/** The answer to a repeat: the first one, as a duplicate where it was taken. */
export const answerRepeat = (answer: MessageAnswer): MessageAnswer => (answer.outcome === 'rejected' || answer.outcome === 'partial' ? answer : { ...answer, outcome: 'duplicate' })

/** The answer to a key that belongs to a message with other content. */
export const answerReusedKey = (item: Pick<CommitItem, 'idempotencyKey'>, messageId: MessageId, holder: string): MessageAnswer => ({
  messageId,
  outcome: 'rejected',
  documents: [],
  errors: [{ code: 'key-reused', at: 'Idempotency-Key', detail: `The key '${item.idempotencyKey ?? ''}' belongs to the message ${holder}, whose content differs; send new content under a new key.` }],
})

/** The order in which every answer has its members, the journal number where there is one. */
export const withJournalSeq = (answer: MessageAnswer, last: number | undefined): MessageAnswer => {
  if (last === undefined) return answer
  const { errors, ...rest } = answer
  const isPlain = answer.parts === undefined && answer.partCounts === undefined && answer.passed === undefined
  return isPlain ? { messageId: answer.messageId, outcome: answer.outcome, documents: answer.documents, journalSeq: last, errors } : { ...rest, journalSeq: last, errors }
}

const answerPart = (part: CommitPart, placements: Placements): AnsweredPart => {
  const placed = part.documents.map((document) => ({ document, placement: placementOf(document, placements) }))
  const documents = placed.flatMap(({ document, placement }) => answerDocument(document, placement))
  const errors = [...part.issues, ...placed.flatMap(({ document, placement }) => staleIssue(document, placement))]
  return { part: part.ordinal, outcome: outcomeOfPart(documents, errors), documents, errors }
}

/** The errors of a part among those of its message. */
export const errorsOfPart = ({ part, errors }: AnsweredPart): readonly Issue[] => errors.map((issue) => ({ ...issue, at: `part ${part}${issue.at === '' ? '' : `: ${issue.at}`}` }))

const placementOf = (document: CommitDocument, placements: Placements): Placement => {
  const placement = placements.get(document.id)
  if (placement === undefined) throw new Error(`The document ${document.id} was given no place.`)
  return placement
}

const answerDocument = ({ id, kind, number, threadIds }: CommitDocument, placement: Placement): readonly AnsweredDocument[] => {
  switch (placement.type) {
    case 'new': return [{ kind, id, number, revision: placement.revision, threadIds }]
    case 'duplicate': return [{ kind, id: placement.id, number, revision: placement.revision, threadIds: placement.threadIds, duplicate: true }]
    case 'stale': return []
    default: return placement satisfies never
  }
}

const staleIssue = ({ kind, number }: CommitDocument, placement: Placement): readonly Issue[] =>
  placement.type === 'stale' ? [{ code: 'revision-stale', at: 'number', detail: `Revision ${placement.revision} of the ${kind} ${number} came with a later message.` }] : []

const outcomeOfPart = (documents: readonly AnsweredDocument[], errors: readonly Issue[]): Outcome => {
  if (documents.length === 0) return 'rejected'
  if (errors.some((issue) => issue.severity !== 'warning')) return 'partial'
  return documents.every((document) => document.duplicate) ? 'duplicate' : 'accepted'
}

export const outcomeOfParts = (outcomes: readonly Outcome[]): Outcome => {
  if (outcomes.every((outcome) => outcome === 'rejected')) return 'rejected'
  if (outcomes.some((outcome) => outcome === 'rejected' || outcome === 'partial')) return 'partial'
  return outcomes.every((outcome) => outcome === 'duplicate') ? 'duplicate' : 'accepted'
}
