import { isTradeDocument } from '../../schemas/canonical/canonical-document.js'
import type { DocumentAccepted } from '../../schemas/journal-entry.js'
import { keyedReferencesOf } from '../../schemas/source-key.js'
import type { ReferenceKind } from '../../schemas/canonical/trade-document.js'

/** What a document says to one that it refers to. */
export interface Answer {
  readonly entry: DocumentAccepted
  readonly kind: ReferenceKind
  readonly number: string
  /** Who issued what is answered, as the answering system names it. */
  readonly issuer: string | undefined
  /** Whether it is what business waits for, and not only that it was understood. */
  readonly isFinal: boolean
  readonly rejected: boolean
}

/** A delivery that a document might answer. */
export interface Answerable {
  readonly id: string
  readonly endpoint: string
  readonly kind: string | null
  readonly number: string | null
  readonly issuerKey: string | null
  readonly controlNumber: string | null
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
  return keyedReferencesOf(system, document).filter(({ fromLine, counterpart }) => fromLine === undefined && !counterpart).flatMap(({ kind, number, issuer }): readonly Answer[] => {
    const said = { entry, kind, number, issuer }
    if (isResponse) {
      const code = document.response?.code
      return [{ ...said, isFinal: document.type !== 'message-level' && final.has(code), rejected: code === 'rejected' }]
    }
    return answeredBy[kind]?.includes(document.kind) === true ? [{ ...said, isFinal: true, rejected: document.response?.code === 'rejected' }] : []
  })
}

/** What a key says whatever system writes it: schemes whose values are the same everywhere. */
const shared = (key: string): { readonly scheme: string, readonly value: string } | undefined => {
  const [, scheme, value] = /\/(gln|vat|duns|lei|uscc):(.+)$/.exec(key) ?? []
  return scheme === undefined || value === undefined ? undefined : { scheme, value }
}

const contradicts = (one: string | null, other: string | undefined): boolean => {
  const [a, b] = [shared(one ?? ''), shared(other ?? '')]
  return a !== undefined && b !== undefined && a.scheme === b.scheme && a.value !== b.value
}

/** Whether a document answers a delivery: by its control number or id, which nothing else has, or by the number of what was delivered. */
export const isAnswered = (delivery: Answerable, answer: Answer, systemOf: (endpoint: string) => string | undefined): boolean => {
  const system = systemOf(delivery.endpoint)
  if (system !== undefined && system !== answer.entry.system) return false
  if (answer.number === delivery.controlNumber || answer.number === delivery.id) return true
  return answer.number === delivery.number && answer.kind === delivery.kind && !contradicts(delivery.issuerKey, answer.issuer)
}
