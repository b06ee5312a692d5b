import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { Party } from '../../schemas/canonical/common.js'
import type { Line, TradeDocument } from '../../schemas/canonical/trade-document.js'
import { parseDecimal, type Decimal } from '../../schemas/decimal.js'
import type { DocumentId, MessageId, SourceKey } from '../../schemas/ids.js'
import type { DocumentAccepted, IdentityDecision, JournalEntry } from '../../schemas/journal-entry.js'

export const decimal = (text: string): Decimal => {
  const read = parseDecimal(text)
  if (!read.ok) throw new Error(read.detail)
  return read.value
}

export const source = (key: string): SourceKey => key as SourceKey

export const company = (number: string, name = `Company ${number}`, country = 'DE'): Party => ({ identifiers: [{ value: number }], names: [{ value: name }], address: { country } })

export const line = (number: string, amount: string, extra: Partial<Line> & { readonly currency?: string } = {}): Line => {
  const { currency = 'EUR', ...rest } = extra
  return { number, amount: { value: decimal(amount), currency }, item: { gtin: '04012345000009', names: [{ value: 'Bolt' }] }, quantity: { value: decimal('2'), unit: 'C62' }, ...rest }
}

export const invoice = (number: string, lines: readonly Line[], extra: Partial<TradeDocument> = {}): TradeDocument => ({
  kind: 'invoice', number, function: 'original', issuedOn: '2026-11-05', currency: 'EUR',
  parties: { buyer: company('K1'), seller: company('S1') }, lines: [...lines], ...extra,
})

export const creditNote = (number: string, lines: readonly Line[], extra: Partial<TradeDocument> = {}): TradeDocument => invoice(number, lines, { kind: 'credit-note', ...extra })

type Draft = { readonly document: CanonicalDocument } & Partial<Pick<DocumentAccepted, 'test' | 'replaces' | 'revision' | 'system'>>
export const documentId = (text: string): DocumentId => text as DocumentId

/** Numbers drafts into a journal: documents get the ids d1, d2, … and m1, m2, … of their entry's number. */
export const journalOf = (...drafts: readonly (Draft | CanonicalDocument | readonly IdentityDecision[])[]): readonly JournalEntry[] => drafts.map((draft, at): JournalEntry => {
  const number = at + 1
  const head = { number, recordedAt: new Date(Date.UTC(2026, 10, 1) + number * 1000).toISOString() }
  if (Array.isArray(draft)) return { ...head, type: 'identity.decided', follower: 'crm', cause: 1, ordinal: 0, ruleVersion: '1', decisions: draft as readonly IdentityDecision[] }
  const wish = (isDraft(draft) ? draft : { document: draft as CanonicalDocument })
  return {
    ...head, type: 'document.accepted', messageId: `m${number}` as MessageId, documentId: documentId(`d${number}`), system: 'erp', channel: 'canonical', test: false, revision: 1,
    replaces: undefined, ...wish,
  }
})

const isDraft = (draft: Draft | CanonicalDocument | readonly IdentityDecision[]): draft is Draft => 'document' in draft

export const found = (key: string): IdentityDecision => ({ action: 'found', source: source(key) })
export const link = (key: string, to: string): IdentityDecision => ({ action: 'link', source: source(key), with: source(to), rule: 'gln', evidence: 'same' })
