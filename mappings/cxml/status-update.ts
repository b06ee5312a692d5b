import { attributeOf } from '../engine/amounts.js'
import type { After, Converter } from '../engine/converter.js'
import { childrenOf, isDraft, listOf } from './document-parts.js'

type Words = Readonly<Record<string, string>>

/** A word of the sender's for a state, kept beside the response that it comes to; written as it came where it still says the same. */
const stated = (what: string, meanings: Words, written: Words): Converter => ({
  takes: {},
  read: (text, _node, report) => (meaningOf(meanings, text) === undefined ? report('code-unknown', `'${text.slice(0, 40)}' is not ${what} (${Object.keys(meanings).join(', ')}).`) : text),
  write: (value) => {
    const [code, sent] = typeof value === 'string' ? [undefined, value] : listOf(value)
    if (typeof sent === 'string' && (code === undefined || meaningOf(meanings, sent) === code)) return { text: sent }
    const word = typeof code === 'string' ? written[code] : undefined
    return word === undefined ? undefined : { text: word }
  },
})

const meaningOf = (meanings: Words, word: string): string | undefined => meanings[word] ?? meanings['']

const invoiceStates: Words = { processing: 'in-process', reconciled: 'accepted', rejected: 'rejected', paying: 'accepted', paid: 'paid', canceled: 'rejected' }
const writtenInvoiceStates: Words = {
  'acknowledged': 'processing', 'in-process': 'processing', 'under-query': 'processing', 'conditionally-accepted': 'reconciled', 'accepted': 'reconciled', 'changed': 'reconciled', 'rejected': 'rejected', 'partially-paid': 'paying', 'paid': 'paid',
}

/** What DocumentStatus calls things is agreed upon; a word that nobody here knows says that it is being worked on. */
const documentStates: Words = {
  'accepted': 'accepted', 'approved': 'accepted', 'confirmed': 'accepted', 'reconciled': 'accepted', 'rejected': 'rejected', 'declined': 'rejected', 'canceled': 'rejected', 'failed': 'rejected', 'changed': 'changed', 'paid': 'paid', 'paying': 'accepted',
  'received': 'acknowledged', '': 'in-process',
}
const writtenDocumentStates: Words = {
  'acknowledged': 'received', 'in-process': 'processing', 'under-query': 'processing', 'conditionally-accepted': 'accepted', 'accepted': 'accepted', 'changed': 'changed', 'rejected': 'rejected', 'partially-paid': 'paying', 'paid': 'paid',
}

const sourcingActions: Words = { approve: 'accepted', cancel: 'rejected', deny: 'rejected' }

/** cXML's status codes are those of HTTP: 280 and 281 were forwarded, 201 is being worked on. */
const responseOfStatus = (code: string): string | undefined => {
  if (/^28[01]$/.test(code)) return 'acknowledged'
  if (code === '201') return 'in-process'
  return /^2\d\d$/.test(code) ? 'accepted' : /^[45]\d\d$/.test(code) ? 'rejected' : undefined
}

const writtenStatus: Readonly<Record<string, readonly [string, string]>> = { 'acknowledged': ['280', 'Forwarded'], 'in-process': ['201', 'Accepted'], 'rejected': ['400', 'Bad Request'] }

const statusCode: Converter = {
  takes: {},
  read: (text, _node, report) => {
    const code = responseOfStatus(text)
    return code === undefined ? report('value-invalid', `'${text.slice(0, 40)}' is not a status code; write it like 200.`) : [code, text]
  },
  write: (value) => {
    const [code, sent] = listOf(value)
    if (typeof sent === 'string') return { text: sent }
    return typeof code === 'string' ? { text: writtenStatus[code]?.[0] ?? '200' } : undefined
  },
}

/** What HTTP calls the code. */
const statusText: Converter = { takes: {}, read: () => undefined, write: (value) => (typeof value === 'string' ? { text: writtenStatus[value]?.[1] ?? 'OK' } : undefined) }

export const statusConverters = {
  'invoice-status': stated('a state of an invoice', invoiceStates, writtenInvoiceStates),
  'document-status': stated('a state of a document', documentStates, writtenDocumentStates),
  'sourcing-status': stated('an action', sourcingActions, {}),
  'status-code': statusCode,
  'status-text': statusText,
}

/** The state of an invoice, a document or a quotation says more than the status of the message that tells it; the time is that of the message. */
export const status: After = (document, node) => {
  const [update] = childrenOf(node, 'Request').flatMap((request) => childrenOf(request, 'StatusUpdateRequest'))
  const said = ([['InvoiceStatus', 'type', invoiceStates], ['DocumentStatus', 'type', documentStates], ['SourcingStatus', 'action', sourcingActions]] as const).flatMap(([name, attribute, meanings]) => {
    const word = childrenOf(update, name).flatMap((child) => attributeOf(child, attribute) ?? [])[0]
    return word === undefined ? [] : meaningOf(meanings, word) ?? []
  })
  const { response } = document
  if (isDraft(response) && said[0] !== undefined) response['code'] = said[0]
  const sent = attributeOf(node, 'timestamp')
  const [, time, offset] = /T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(sent ?? '') ?? []
  if (time !== undefined) document['issueTime'] = offset === undefined ? { time } : { time, offset }
}
