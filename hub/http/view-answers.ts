import { Type, type TSchema } from '@sinclair/typebox'
import { amountSchema, identifierSchema, partySchema } from '../../schemas/canonical/common.js'
import type { CustomerBalance } from '../crm/customer-queries.js'
import type { PartyDetail, PartySource } from '../crm/party-queries.js'
import type { PartySummary } from '../crm/summarise-party.js'
import type { CustomerView, CustomerViewOrder } from '../views/customer-view.js'
import { measures, type Measure } from '../views/line-quantities.js'
import type { MissingDocument } from '../views/missing-documents.js'
import type { UnitQuantity } from '../views/quantities.js'
import type { ThreadAmounts } from '../views/thread-amounts.js'
import type { LedgerItem, LedgerLine, UnassignedLine } from '../views/thread-ledger.js'
import type { ThreadDocument, ThreadView } from '../views/thread-view.js'
import { businessDate, decimal, documentKind, journalNumber, listOf, named, objectOf, oneOf, uuid } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What parties and views answer; the examples are of the demo chain's customer and its first order. */

const partySummary = {
  id: uuid(),
  name: Type.Optional(Type.String()),
  country: Type.Optional(Type.String()),
  identifiers: Type.Array(named('Identifier', identifierSchema)),
  sources: Type.Integer({ minimum: 1, description: 'How many source records stand behind it.' }),
  test: Type.Boolean({ description: 'Known from test documents only.' }),
}
const redirected = { redirectedFrom: Type.Optional(Type.String({ format: 'uuid', description: 'The id that was asked for, where it leads here.' })) }
const documentFunction = () => oneOf(['original', 'replace', 'change', 'cancel', 'copy'])
const entry = () => Type.Integer({ minimum: 1 })

const lotus = {
  id: '7402fa05-960f-88e6-8b0e-408f1f6869eb', name: '上海莲花贸易有限公司', country: 'CN',
  identifiers: [{ value: '0010300099', assigner: 'seller' }, { value: '9520000001018', scheme: 'gln' }, { use: 'tax', value: '91310115MA1K4LTH0P', scheme: 'vat' }],
  sources: 4, test: false,
}
const lotusRecord = { key: 'demo-ubl/id@gln:9520000002053:0010300099', system: 'demo-ubl', name: lotus.name, firstEntry: 1, lastEntry: 7, test: false }
const threadId = '08c38b2d-e896-8b1a-bc55-642146abb5a3'
const order = { messageId: '01a20081-0b2f-7000-a905-98d673f2cdf3', number: 'PO-2026-0815', system: 'demo-ubl', function: 'original', test: false, issuedOn: '2026-03-02' }
const orderId = '01a20081-0bae-7000-8c21-b741b1c0f325'

export const partyListAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, in the order in which the parties were founded.',
  schema: listOf(named('PartySummary', objectOf<PartySummary>(partySummary)), { journalSeq: journalNumber() }),
  example: { items: [lotus], next: '2', journalSeq: 13 },
  links: [
    { to: 'listParties', parameter: 'cursor', from: '/next' },
    ...['getParty', 'getPartySources', 'getCustomerView'].map((to) => ({ to, parameter: 'id', from: '/items/0/id' })),
  ],
})

export const partyAnswer = (): AnswerDescription => ({
  description: 'The golden party.',
  schema: objectOf<PartyDetail>({ ...partySummary, ...redirected, journalSeq: journalNumber() }),
  example: { ...lotus, journalSeq: 13 },
})

export const partySourcesAnswer = (): AnswerDescription => ({
  description: '`{items}`: each record as its system knows it, oldest first.',
  schema: listOf(objectOf<PartySource>({
    key: Type.String({ description: 'How the system names the party.' }),
    system: Type.String(),
    name: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
    test: Type.Boolean(),
    firstEntry: entry(),
    lastEntry: entry(),
    party: named('Party', partySchema),
  })),
  example: { items: [{ ...lotusRecord, party: { names: [{ value: lotus.name, language: 'zh' }], address: { city: '上海', country: 'CN' }, identifiers: lotus.identifiers } }] },
})

const ledgerLine = () => {
  const quantities: TSchema = Type.Array(named('UnitQuantity', objectOf<UnitQuantity>({ value: decimal(), unit: Type.Optional(Type.String()) })))
  return objectOf<LedgerLine>({
    line: Type.Optional(Type.String()),
    item: objectOf<LedgerItem>({
      gtin: Type.Optional(Type.String()), sellersNumber: Type.Optional(Type.String()), buyersNumber: Type.Optional(Type.String()),
      makersNumber: Type.Optional(Type.String()), name: Type.Optional(Type.String()),
    }),
    ...Object.fromEntries(measures.map((measure) => [measure, quantities])) as Record<Measure, TSchema>,
  })
}

const threadDocument = () => objectOf<ThreadDocument>({
  id: uuid(), messageId: uuid(), kind: documentKind(), number: Type.String(), system: Type.String(), function: documentFunction(), revision: Type.Integer({ minimum: 1 }),
  current: Type.Boolean({ description: 'No later revision replaced it.' }),
  test: Type.Boolean(),
  counted: Type.Boolean({ description: 'It has a part in the figures.' }),
  issuedOn: businessDate(),
  issuer: Type.Object({ partyId: Type.Optional(uuid()), name: Type.Optional(Type.String()) }),
})

const exampleLine = () => {
  const forty = [{ value: '40', unit: 'C62' }]
  const quantities = Object.fromEntries<readonly object[]>(measures.map((measure) => [measure, []]))
  return {
    line: '1', item: { gtin: '9521000004719', sellersNumber: '00471', buyersNumber: 'LX-471-A', name: 'LED 面板灯 600×600' },
    ...quantities, ordered: forty, confirmed: forty, despatched: forty, received: forty, rejected: [{ value: '1', unit: 'C62' }], invoiced: forty,
  }
}

export const threadAnswer = (): AnswerDescription => ({
  description: 'The thread, current to `journalSeq`.',
  schema: objectOf<ThreadView>({
    threadId: uuid(),
    ...redirected,
    belongsTo: Type.Optional(Type.Array(uuid(), { description: 'The threads that the document of this id belongs to, where they are several.' })),
    anchor: Type.Object({ kind: Type.String(), number: Type.String() }, { description: 'What the thread hangs on: an order, or the document that stands for it.' }),
    documents: Type.Array(threadDocument()),
    lines: Type.Array(ledgerLine()),
    amounts: Type.Array(objectOf<ThreadAmounts>({ currency: Type.String(), ordered: decimal(), invoiced: decimal(), credited: decimal(), open: decimal() }, { description: 'Net of tax, by currency; `open` is what was invoiced and not credited. The balances of a customer are what is payable, tax included.' })),
    unassigned: Type.Array(objectOf<UnassignedLine>({ documentId: uuid(), line: Type.String() })),
    missing: Type.Array(objectOf<MissingDocument>({ kind: Type.String(), number: Type.Optional(Type.String()), why: Type.String(), ambiguous: Type.Optional(Type.Literal(true)) })),
    journalSeq: journalNumber(),
  }),
  example: {
    threadId, anchor: { kind: 'order', number: order.number },
    documents: [{ id: orderId, ...order, kind: 'order', revision: 1, current: true, counted: true, issuer: { partyId: lotus.id, name: lotus.name } }],
    lines: [exampleLine()], amounts: [{ currency: 'CNY', ordered: '1250', invoiced: '1186', credited: '0', open: '1186' }], unassigned: [], missing: [], journalSeq: 13,
  },
})

const customerOrder = () => objectOf<CustomerViewOrder>({
  documentId: uuid(), messageId: uuid(), threadId: uuid(), number: Type.String(), system: Type.String(), function: documentFunction(), test: Type.Boolean(),
  issuedOn: businessDate(), payable: Type.Optional(named('Amount', amountSchema)),
})

export const customerAnswer = (): AnswerDescription => ({
  description: 'The customer, current to `journalSeq`; orders newest first, a page at a time.',
  schema: objectOf<CustomerView>({
    ...partySummary, ...redirected,
    sourceRecords: Type.Array(objectOf<CustomerView['sourceRecords'][number]>({ key: Type.String(), system: Type.String(), name: Type.Optional(Type.String()), firstEntry: entry(), lastEntry: entry(), test: Type.Boolean() })),
    orders: listOf(customerOrder()),
    balances: Type.Array(objectOf<CustomerBalance>({ currency: Type.String(), invoiced: decimal(), credited: decimal(), open: decimal(), overdue: decimal() }, { description: 'Payable, by currency.' })),
    counts: Type.Record(Type.String(), Type.Integer(), { description: 'Documents in force, by kind.' }),
    asOf: businessDate(),
    journalSeq: journalNumber(),
  }),
  example: {
    ...lotus, sourceRecords: [lotusRecord],
    orders: { items: [{ documentId: orderId, threadId, ...order, payable: { value: '1412.5', currency: 'CNY' } }] },
    balances: [{ currency: 'CNY', invoiced: '1340.18', credited: '0', open: '1340.18', overdue: '1340.18' }],
    counts: { 'despatch': 1, 'invoice': 1, 'order': 4, 'order-response': 1, 'receipt': 1 }, asOf: '2026-11-21', journalSeq: 13,
  },
  links: [
    { to: 'getThreadView', parameter: 'id', from: '/orders/items/0/threadId' },
    { to: 'getCustomerView', parameter: 'cursor', from: '/orders/next' },
  ],
})
