import type { Party } from '../../schemas/canonical/common.js'
import { isTradeDocument } from '../../schemas/canonical/canonical-document.js'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import type { DocumentAccepted } from '../../schemas/journal-entry.js'
import type { Endpoint } from './endpoint.js'

/** Whether a document is acknowledged to an endpoint; what acknowledges never is (UN/EDIFACT, ISO 9735, CONTRL; X12 997: no acknowledgement of one). */
export const isAcknowledged = ({ system, document }: DocumentAccepted, endpoint: Pick<Endpoint, 'system' | 'acknowledge'>, isWished: boolean): boolean =>
  document.kind !== 'application-response' && endpoint.system === system && (endpoint.acknowledge === 'always' || (endpoint.acknowledge === 'wished' && isWished))

/** The application response that says that a document was taken, from whom it went to, to whom it came from. `number` is the response's own. */
export const acknowledgementOf = ({ document, recordedAt }: DocumentAccepted, number: string): TradeDocument => {
  const [issuer, other] = sidesOf(document)
  return {
    kind: 'application-response',
    number,
    function: 'original',
    issuedOn: recordedAt.slice(0, 10),
    ...(issuer === undefined && other === undefined ? {} : { parties: { ...(other === undefined ? {} : { sender: other }), ...(issuer === undefined ? {} : { receiver: issuer }) } }),
    references: [{ kind: isTradeDocument(document) ? document.kind : 'other', number: document.number }],
    response: { code: 'acknowledged' },
    lines: [],
  }
}

/** Documents that the seller writes; what is left is the buyer's. */
const ofSeller: ReadonlySet<string> = new Set(['order-response', 'despatch', 'invoice', 'credit-note', 'quotation', 'statement', 'catalogue'])

const sidesOf = (document: DocumentAccepted['document']): readonly [Party | undefined, Party | undefined] => {
  if (!isTradeDocument(document)) return [document.kind === 'party' ? document.party : undefined, undefined]
  const { sender, receiver, buyer, seller } = document.parties ?? {}
  return ofSeller.has(document.kind) ? [sender ?? seller, receiver ?? buyer] : [sender ?? buyer, receiver ?? seller]
}
