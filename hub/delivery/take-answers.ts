import { isDigestOf } from '../../schemas/disposition-notification.js'
import type { DocumentAccepted } from '../../schemas/journal-entry.js'
import type { AnsweredDelivery } from '../central/deliveries/answer-deliveries.js'
import type { Tx } from '../ops/database.js'
import { makeFold } from '../parking/refused-data.js'
import { answersOf, isToldOf, meantBy, numbersOf, type Answer, type Answerable } from './answers.js'
import type { Endpoint } from './endpoint.js'

export interface TakeAnswersDeps {
  readonly endpoints: ReadonlyMap<string, Pick<Endpoint, 'system'>>
  readonly answerable: (tx: Tx, numbers: readonly string[]) => Promise<readonly Answerable[]>
  readonly markAnswered: (tx: Tx, answered: AnsweredDelivery) => Promise<void>
  /** The bytes that a delivery left with; undefined where they are not kept any more. */
  readonly sentBytes: (tx: Tx, id: string) => Promise<Uint8Array | undefined>
  /** Told of what a partner says of an interchange or of what was sent, and whether it is one of ours. */
  readonly noteAcknowledgement: (tx: Tx, said: { readonly system: string, readonly number: string, readonly isSending: boolean, readonly documentId: string, readonly isKnown: boolean }) => Promise<void>
}

/** Finds the answers to deliveries in documents, and brings the deliveries to the stages that they mean. */
export const takeAnswers = async (deps: TakeAnswersDeps, tx: Tx, entries: readonly DocumentAccepted[]): Promise<void> => {
  const answers = makeFold(() => entries.flatMap(answersOf))
  if (answers.length === 0) return
  const deliveries = await deps.answerable(tx, makeFold(() => [...new Set(answers.flatMap(numbersOf))]))
  const said = new Map<string, AnsweredDelivery>()
  for (const answer of answers) {
    const { recordedAt, documentId, system } = answer.entry
    const meant = makeFold(() => meantBy(deliveries, answer, (endpoint) => deps.endpoints.get(endpoint)?.system))
    for (const { id } of meant) {
      const before = said.get(`${documentId} ${id}`)
      said.set(`${documentId} ${id}`, joined(before, { id, at: recordedAt, documentId, stage: answer.stage, ...await verdictOf(deps, tx, id, answer) }))
    }
    if (isToldOf(answer)) await deps.noteAcknowledgement(tx, { system, number: answer.number, isSending: answer.about === 'sending', documentId, isKnown: meant.length > 0 })
  }
  for (const answered of said.values()) await deps.markAnswered(tx, answered)
}

const stages = ['received', 'understood', 'answered'] as const

/** What one document says of a delivery in several places is one answer. */
const joined = (before: AnsweredDelivery | undefined, then: AnsweredDelivery): AnsweredDelivery => (before === undefined ? then : {
  ...then, stage: stages.findLast((stage) => stage === before.stage || stage === then.stage) ?? then.stage, rejected: before.rejected || then.rejected, reasons: [...new Set([...before.reasons, ...then.reasons])],
})

/** A yes to other bytes than those that left is none. */
const verdictOf = async (deps: TakeAnswersDeps, tx: Tx, id: string, { rejected, reasons, digest }: Answer): Promise<Pick<AnsweredDelivery, 'rejected' | 'reasons'>> => {
  const bytes = digest === undefined || rejected ? undefined : await deps.sentBytes(tx, id)
  return digest === undefined || bytes === undefined || makeFold(() => isDigestOf(bytes, digest)) !== false
    ? { rejected, reasons }
    : { rejected: true, reasons: [...reasons, `The digest of the receipt (Received-Content-MIC, ${digest.algorithm}) is not that of what was sent: it came to the partner altered.`] }
}
