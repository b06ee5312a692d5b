import type { Decimal } from '../../schemas/decimal.js'
import type { DocumentId, JournalNumber, MessageId, PartyId, SourceKey } from '../../schemas/ids.js'
import type { TradeDocument, TradeKind } from '../../schemas/canonical/trade-document.js'
import type { Database, Tx } from '../ops/database.js'
import { partySources, partySummary, survivingParty, type PartySource } from './party-queries.js'
import { readSnapshot } from './snapshot.js'
import type { PartySummary } from './summarise-party.js'

export interface CustomerOrder {
  readonly documentId: DocumentId
  readonly messageId: MessageId
  readonly number: string
  readonly system: string
  readonly issuerKey: SourceKey | null
  readonly function: TradeDocument['function']
  readonly test: boolean
  readonly issuedOn: string
  readonly currency: string | null
  readonly payable: Decimal | null
}

export interface CustomerBalance {
  readonly currency: string
  readonly invoiced: Decimal
  readonly credited: Decimal
  readonly open: Decimal
  readonly overdue: Decimal
}

export interface CustomerCount {
  readonly kind: TradeKind
  readonly count: number
}

export interface CustomerRecord {
  readonly party: PartySummary
  readonly sources: readonly PartySource[]
  readonly orders: readonly CustomerOrder[]
  readonly balances: readonly CustomerBalance[]
  readonly counts: readonly CustomerCount[]
  readonly journalSeq: JournalNumber
}

/** Where a page of orders begins: after the order that ended the page before. */
export interface OrderPlace {
  readonly issuedOn: string
  readonly documentId: string
}

/** Where several systems sent the same document, the one that came first stands for all. */
const distinctDocuments = `
  select distinct on (d.test, d.kind, d.number, coalesce(issuer.party_id::text, d.issuer_key, d.document_id::text)) d.*
    from trade_document d left join source_record issuer on issuer.key = d.issuer_key`
const firstCome = `order by d.test, d.kind, d.number, coalesce(issuer.party_id::text, d.issuer_key, d.document_id::text), d.first_entry, d.entry, d.document_id`

const selectOrders = (tx: Tx, keys: readonly SourceKey[], after: OrderPlace | undefined, limit: number) => tx.query<CustomerOrder>(
  `select document_id as "documentId", message_id as "messageId", number, system, issuer_key as "issuerKey", function, test, issued_on as "issuedOn", currency,
          trim_scale(payable)::text as payable
     from (${distinctDocuments} where d.kind = 'order' and d.buyer_key = any($1::text[]) and d.current and d.function <> 'copy' ${firstCome}) orders
    where $2::date is null or (issued_on, document_id) < ($2::date, $3::uuid)
    order by issued_on desc, document_id desc limit $4`, [keys, after?.issuedOn, after?.documentId, limit])

const selectBalances = (tx: Tx, keys: readonly SourceKey[], asOf: string) => tx.query<CustomerBalance>(
  `select currency, trim_scale(coalesce(sum(payable) filter (where kind = 'invoice'), 0))::text as invoiced,
          trim_scale(coalesce(sum(payable) filter (where kind = 'credit-note'), 0))::text as credited,
          trim_scale(sum(case kind when 'invoice' then payable else -payable end))::text as open,
          trim_scale(coalesce(sum(payable) filter (where kind = 'invoice' and due_on < $2::date), 0))::text as overdue
     from (${distinctDocuments} where d.kind in ('invoice', 'credit-note') and d.debtor_key = any($1::text[]) and d.current and not d.test
             and d.function not in ('copy', 'cancel') ${firstCome}) owed
    where payable is not null group by currency order by currency`, [keys, asOf])

const selectCounts = (tx: Tx, keys: readonly SourceKey[]) => tx.query<CustomerCount>(
  `select kind, count(*)::integer as count
     from (${distinctDocuments} where (d.buyer_key = any($1::text[]) or d.debtor_key = any($1::text[])) and d.current and not d.test
             and d.function not in ('copy', 'cancel') ${firstCome}) counted
    group by kind order by kind`, [keys])

/**
 * One golden party as a customer, in one snapshot: its source records, its orders newest first, what it owes. `asOf` (a business date) is the day
 * up to which invoices are not yet overdue. Undefined for a party id that was never given.
 */
export const makeCustomerReader = ({ database }: { readonly database: Database }) =>
  (id: string, { asOf, after, limit }: { readonly asOf: string, readonly after: OrderPlace | undefined, readonly limit: number }): Promise<CustomerRecord | undefined> =>
    readSnapshot(database, async ({ tx, journalSeq }) => {
      const survivor: PartyId | undefined = await survivingParty(tx, id)
      const party = survivor === undefined ? undefined : await partySummary(tx, survivor)
      if (party === undefined) return undefined
      const sources = await partySources(tx, party.id)
      const keys = sources.map(({ key }) => key)
      const orders = await selectOrders(tx, keys, after, limit)
      return { party, sources, orders, balances: await selectBalances(tx, keys, asOf), counts: await selectCounts(tx, keys), journalSeq }
    })
