import { isTradeDocument } from '../../schemas/canonical/canonical-document.js'
import type { DocumentAccepted } from '../../schemas/journal-entry.js'
import { keyedReferencesOf } from '../../schemas/source-key.js'
import type { ReferenceKind, TradeDocument } from '../../schemas/canonical/trade-document.js'
import { readMic, type DispositionNotification } from '../../schemas/disposition-notification.js'
import { reasonsOf } from './answer-reasons.js'

/** What a document says to one that it refers to. */
export interface Answer {
  readonly entry: DocumentAccepted
  readonly kind: ReferenceKind
  readonly number: string
  /** Who issued what is answered, as the answering system names it. */
  readonly issuer: string | undefined
  /** `answered` is what business waits for; `received` says no more than that the envelope was. */
  readonly stage: 'received' | 'understood' | 'answered'
  readonly rejected: boolean
  /** What the partner says about it, in sentences. */
  readonly reasons: readonly string[]
  /**
   * Whose number it is: that of a document, of an interchange or group of ours, the delivery's id, under which it was sent, or, of what an application says, that of a document or else of its sending: partners name either by the
   * same words.
   */
  readonly about: 'document' | 'interchange' | 'sending' | 'either'
  /** Of what came to the partner, where it says so. */
  readonly digest: DispositionNotification['mic']
}

/** A delivery that a document might answer. */
export interface Answerable {
  readonly id: string
  readonly endpoint: string
  readonly kind: string | null
  readonly number: string | null
  readonly issuerKey: string | null
  readonly controlNumber: string | null
  /** Whether the control number is that of an interchange: counted for each partner, so that it names nothing without its system. */
  readonly isInterchange: boolean
}

/** Which documents answer a document of each kind. */
const answeredBy: Readonly<Partial<Record<ReferenceKind, readonly string[]>>> = {
  'order': ['order-response'], 'order-change': ['order-response'], 'quotation-request': ['quotation'], 'quotation': ['order'], 'despatch': ['receipt'],
}

/** What ends a matter, of the codes of an application response. */
const final: ReadonlySet<string | undefined> = new Set(['accepted', 'conditionally-accepted', 'changed', 'rejected', 'partially-paid', 'paid'])

/** What a document of the journal says to others, in the terms in which deliveries are looked up. */
export const answersOf = (entry: DocumentAccepted): readonly Answer[] => {
  const { document, system } = entry
  if (!isTradeDocument(document) || document.function === 'copy') return []
  const isResponse = document.kind === 'application-response'
  const reasons = reasonsOf(document)
  if (isResponse && document.type === 'receipt') return answersToSending(entry, document, reasons)
  if (isResponse && document.type === applicationLevel) return answersOfApplication(entry, document)
  if (isResponse && isAboutInterchange(document)) return answersToInterchange(entry, document, reasons)
  return keyedReferencesOf(system, document).filter(({ fromLine, counterpart }) => fromLine === undefined && !counterpart).flatMap(({ kind, number, issuer }): readonly Answer[] => {
    const said = { entry, kind, number, issuer, reasons, about: 'document', digest: undefined } as const
    if (isResponse) {
      const code = document.response?.code
      return [{ ...said, stage: document.type !== 'message-level' && final.has(code) ? 'answered' : 'understood', rejected: code === 'rejected' }]
    }
    return answeredBy[kind]?.includes(document.kind) === true ? [{ ...said, stage: 'answered', rejected: document.response?.code === 'rejected' }] : []
  })
}

const envelopes: readonly (string | undefined)[] = ['interchange', 'group']

/** CONTRL, 997 and TA1 refer to what was sent by the numbers on its envelope. */
const isAboutInterchange = ({ references = [] }: TradeDocument): boolean => references.some(({ type }) => envelopes.includes(type))

/** A message of the interchange that is refused refuses what was delivered: each of ours holds one. */
const answersToInterchange = (entry: DocumentAccepted, { type, response, references = [], lines }: TradeDocument, reasons: readonly string[]): readonly Answer[] => {
  const rejected = response?.code === 'rejected' || lines.some((line) => line.response?.code === 'rejected')
  const stage = !rejected && (type === 'interchange-level' || response?.code === 'acknowledged') ? 'received' : 'understood'
  return references.flatMap(({ type: of, kind, number }): readonly Answer[] => (envelopes.includes(of) ? [{ entry, kind, number: plainNumber(number), issuer: undefined, stage, rejected, reasons, about: 'interchange', digest: undefined }] : []))
}

const applicationLevel = 'application-level'

/** APERAK and 824: a partner's application took a document or refused it, which is not yet the answer of his business. */
const answersOfApplication = (entry: DocumentAccepted, document: TradeDocument): readonly Answer[] => {
  const { response, references = [], lines } = document
  const head = response === undefined ? [] : [{ code: response.code, references, reasons: reasonsOf(document) }]
  const parts = lines.flatMap((line) => (line.response === undefined ? [] : [{ code: line.response.code, references: line.references ?? [], reasons: reasonsOf({ lines: [line] }) }]))
  return [...head, ...parts].flatMap(({ code, references: about, reasons }) => about.map(({ type, kind, number }): Answer => ({
    entry, kind, issuer: undefined, stage: 'understood', rejected: code === 'rejected', reasons, digest: undefined,
    ...(envelopes.includes(type) ? { about: 'interchange', number: plainNumber(number) } : { about: 'either', number }),
  })))
}

/** Under what a delivery may be known that is meant. */
export const numbersOf = ({ number, about }: Answer): readonly string[] => (about === 'either' ? [number, plainNumber(number)] : [number])

/** Whether somebody has to be told where nothing of ours has the number: what acknowledges a sending means ours. */
export const isToldOf = ({ about, entry: { document } }: Answer): boolean => (about === 'interchange' || about === 'sending') && isTradeDocument(document) && document.type !== applicationLevel

/** Of the deliveries that an answer may mean those that it does: what has the number as its document's is meant before what was sent under it. */
export const meantBy = <T extends Answerable>(deliveries: readonly T[], answer: Answer, systemOf: (endpoint: string) => string | undefined): readonly T[] => {
  const answered = deliveries.filter((delivery) => isAnswered(delivery, answer, systemOf))
  const named = answer.about === 'either' ? answered.filter(({ number }) => number === answer.number) : []
  return named.length > 0 ? named : answered
}

/** A receipt names what was sent by its Message-ID, `<id of the delivery@chainhub>`, which is new with each delivery. */
const answersToSending = (entry: DocumentAccepted, { response, references = [], extensions = [] }: TradeDocument, reasons: readonly string[]): readonly Answer[] => {
  const digest = readMic(extensions.find(({ path }) => /(^|:)Received-Content-MIC$/.test(path))?.value ?? '')
  return references.map(({ kind, number }) => ({
    entry, kind, number: /^<([0-9a-f-]{36})@chainhub>$/i.exec(number.trim())?.[1]?.toLowerCase() ?? number, issuer: undefined, stage: 'received', rejected: response?.code === 'rejected', reasons, about: 'sending', digest,
  }))
}

/** Control numbers come back padded, or without the padding that they had. */
const plainNumber = (number: string): string => number.replace(/^0+(?=\d)/, '')

/** What a key says whatever system writes it: schemes whose values are the same everywhere. */
const shared = (key: string): { readonly scheme: string, readonly value: string } | undefined => {
  const [, scheme, value] = /\/(gln|vat|duns|lei|uscc):(.+)$/.exec(key) ?? []
  return scheme === undefined || value === undefined ? undefined : { scheme, value }
}

const contradicts = (one: string | null, other: string | undefined): boolean => {
  const [a, b] = [shared(one ?? ''), shared(other ?? '')]
  return a !== undefined && b !== undefined && a.scheme === b.scheme && a.value !== b.value
}

const isNamed = ({ id, number, kind, controlNumber, isInterchange }: Answerable, said: Answer): boolean =>
  (said.number === number && (said.kind === 'other' || said.kind === kind)) || (said.kind === 'other' && (said.number === id || (isInterchange ? plainNumber(said.number) : said.number) === controlNumber))

/** Whether a document answers a delivery: by its control number or id, which nothing else has, or by the number of what was delivered. */
const isAnswered = (delivery: Answerable, answer: Answer, systemOf: (endpoint: string) => string | undefined): boolean => {
  const system = systemOf(delivery.endpoint)
  if (answer.about !== 'document' && system === undefined) return false
  if (answer.about === 'sending') return system === answer.entry.system && answer.number === delivery.id
  if (answer.about === 'either') return system === answer.entry.system && isNamed(delivery, answer)
  if (answer.about === 'interchange') return delivery.isInterchange && system === answer.entry.system && answer.number === delivery.controlNumber
  if (system !== undefined && system !== answer.entry.system) return false
  if ((!delivery.isInterchange && answer.number === delivery.controlNumber) || answer.number === delivery.id) return true
  return answer.number === delivery.number && answer.kind === delivery.kind && !contradicts(delivery.issuerKey, answer.issuer)
}
