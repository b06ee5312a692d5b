import { Type, type Static } from '@sinclair/typebox'
import {
  addressSchema, allowanceChargeSchema, amountSchema, attachmentSchema, closed, currencySchema, dateSchema, decimalSchema, exchangeRateSchema, extensionSchema, identifierSchema, itemSchema, keyText,
  list, longText, most, partiesSchema, partyRoles, periodSchema, priceSchema, quantitySchema, taxSchema, taxTotalSchema, textSchema, timeSchema,
} from './common.js'

export const tradeKinds = [
  'order', 'order-response', 'order-change', 'despatch', 'receipt', 'invoice', 'credit-note',
  'quotation-request', 'quotation', 'application-response', 'remittance', 'statement', 'catalogue', 'inventory-report', 'forecast',
] as const
export type TradeKind = (typeof tradeKinds)[number]

/** What documents refer to: the hub's own kinds, and others that only appear as references so far. */
const referenceKinds = [...tradeKinds, 'contract', 'payment', 'shipment', 'project', 'other'] as const
export type ReferenceKind = (typeof referenceKinds)[number]

const literals = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.String({ enum: [...values] }))

/**
 * A reference is keyed (issuer, kind, number), as given. `issuer` names a role of this document or says who issued it by identifiers; without it
 * the kind's usual issuer is meant (an order is the buyer's, an invoice the seller's). `counterpartNumber` is the other side's number of
 * the same document (the sales order number of an order).
 */
export const referenceSchema = Type.Object({
  kind: literals(referenceKinds),
  number: keyText,
  issuer: Type.Optional(Type.Object({ role: Type.Optional(literals(partyRoles)), identifiers: Type.Optional(list(identifierSchema, most.identifiers)) }, closed)),
  counterpartNumber: Type.Optional(keyText),
  line: Type.Optional(keyText),
  issuedOn: Type.Optional(dateSchema),
  type: Type.Optional(keyText),
  attachment: Type.Optional(attachmentSchema),
}, { ...closed, title: 'reference' })
export type Reference = Static<typeof referenceSchema>

const scheduleLineSchema = Type.Object({
  number: Type.Optional(keyText),
  quantity: Type.Optional(quantitySchema),
  requested: Type.Optional(periodSchema),
  promised: Type.Optional(periodSchema),
  shipTo: Type.Optional(partiesSchema.properties.shipTo),
}, closed)

/** Why, or what shall be done about it. `scheme` names the code list as the sender does, where one place has codes of several. */
const reasonSchema = Type.Object({
  scheme: Type.Optional(keyText),
  code: Type.Optional(keyText),
  texts: Type.Optional(list(textSchema)),
  /** What the reason is about, and what should stand there. */
  conditions: Type.Optional(list(Type.Object({ name: keyText, values: Type.Optional(list(textSchema)) }, closed))),
}, closed)

const responseCodes = ['acknowledged', 'in-process', 'under-query', 'conditionally-accepted', 'accepted', 'changed', 'rejected', 'partially-paid', 'paid'] as const

const responseSchema = Type.Object({
  code: literals(responseCodes),
  /** The day that the state is of. */
  on: Type.Optional(dateSchema),
  texts: Type.Optional(list(textSchema)),
  reasons: Type.Optional(list(reasonSchema)),
}, closed)

/** A price as it is offered: for quantities between `minimum` and `maximum`, within a time and a territory. */
const offeredPriceSchema = Type.Object({
  ...priceSchema.properties,
  minimum: Type.Optional(quantitySchema),
  maximum: Type.Optional(quantitySchema),
  leadTime: Type.Optional(quantitySchema),
  territory: Type.Optional(addressSchema),
}, { ...closed, title: 'offered price' })

/** How an item of a catalogue is ordered. */
const orderingSchema = Type.Object({
  orderable: Type.Optional(literals(['yes', 'no'] as const)),
  unit: Type.Optional(keyText),
  contents: Type.Optional(quantitySchema),
  increment: Type.Optional(decimalSchema),
  minimum: Type.Optional(quantitySchema),
  maximum: Type.Optional(quantitySchema),
  packLevel: Type.Optional(keyText),
}, closed)

const relatedItemSchema = Type.Object({
  type: literals(['component', 'accessory', 'required', 'replacement', 'complementary', 'replaced'] as const),
  number: keyText,
  quantity: Type.Optional(quantitySchema),
}, closed)

/** Where stock lies, and from when or whether it can be had. */
const stockSchema = Type.Object({
  location: Type.Optional(Type.Object({ identifiers: Type.Optional(list(identifierSchema, most.identifiers)), name: Type.Optional(longText), address: Type.Optional(addressSchema) }, closed)),
  availability: Type.Optional(keyText),
  availableOn: Type.Optional(dateSchema),
}, closed)

const lineStatuses = ['accepted', 'changed', 'rejected', 'backordered', 'already-delivered'] as const

export const lineSchema = Type.Recursive((self) => Type.Object({
  number: keyText,
  /** Where a document has lines of several natures: the sender's code; `brought-forward` for a balance of the period before. */
  type: Type.Optional(keyText),
  action: Type.Optional(literals(['add', 'change', 'delete', 'none'] as const)),
  status: Type.Optional(literals(lineStatuses)),
  item: Type.Optional(itemSchema),
  /** What the document is about: ordered, confirmed, despatched, received, invoiced or credited; quoted, in stock, expected. */
  quantity: Type.Optional(quantitySchema),
  backordered: Type.Optional(quantitySchema),
  cancelled: Type.Optional(quantitySchema),
  rejected: Type.Optional(quantitySchema),
  returned: Type.Optional(quantitySchema),
  short: Type.Optional(quantitySchema),
  over: Type.Optional(quantitySchema),
  free: Type.Optional(quantitySchema),
  price: Type.Optional(priceSchema),
  prices: Type.Optional(list(offeredPriceSchema)),
  ordering: Type.Optional(orderingSchema),
  related: Type.Optional(list(relatedItemSchema)),
  stock: Type.Optional(stockSchema),
  /** Of an account: what is owed (debit), what is paid or credited, and what remains. */
  debit: Type.Optional(amountSchema),
  credit: Type.Optional(amountSchema),
  balance: Type.Optional(amountSchema),
  /** The answer to a part of a document, and which part is meant: a line's number or a path. */
  response: Type.Optional(responseSchema),
  regards: Type.Optional(longText),
  /** Net of line allowances and charges, without tax. */
  amount: Type.Optional(amountSchema),
  allowancesCharges: Type.Optional(list(allowanceChargeSchema)),
  taxes: Type.Optional(list(taxSchema)),
  taxTotals: Type.Optional(list(taxTotalSchema)),
  parties: Type.Optional(partiesSchema),
  schedule: Type.Optional(list(scheduleLineSchema)),
  period: Type.Optional(periodSchema),
  validity: Type.Optional(periodSchema),
  references: Type.Optional(list(referenceSchema)),
  reasons: Type.Optional(list(reasonSchema)),
  notes: Type.Optional(list(textSchema)),
  accountingCost: Type.Optional(longText),
  subLines: Type.Optional(list(self, most.lines)),
  extensions: Type.Optional(list(extensionSchema)),
}, closed), { $id: 'line' })
export type Line = Static<typeof lineSchema>

const packageSchema = Type.Recursive((self) => Type.Object({
  sscc: Type.Optional(keyText),
  identifiers: Type.Optional(list(identifierSchema, most.identifiers)),
  type: Type.Optional(keyText),
  count: Type.Optional(quantitySchema),
  grossWeight: Type.Optional(quantitySchema),
  volume: Type.Optional(quantitySchema),
  contents: Type.Optional(list(Type.Object({ line: keyText, quantity: Type.Optional(quantitySchema), lots: Type.Optional(list(keyText, most.lines)), serials: Type.Optional(list(keyText, most.lines)) }, closed))),
  packages: Type.Optional(list(self, most.lines)),
}, closed), { $id: 'package' })

const totalsSchema = Type.Object({
  lines: Type.Optional(amountSchema),
  allowances: Type.Optional(amountSchema),
  charges: Type.Optional(amountSchema),
  taxExclusive: Type.Optional(amountSchema),
  tax: Type.Optional(amountSchema),
  taxInclusive: Type.Optional(amountSchema),
  prepaid: Type.Optional(amountSchema),
  rounding: Type.Optional(amountSchema),
  payable: Type.Optional(amountSchema),
  /** Of an account or a payment. */
  debit: Type.Optional(amountSchema),
  credit: Type.Optional(amountSchema),
  balance: Type.Optional(amountSchema),
  paid: Type.Optional(amountSchema),
}, { ...closed, title: 'totals' })

const paymentTermsSchema = Type.Object({
  texts: Type.Optional(list(textSchema)),
  dueOn: Type.Optional(dateSchema),
  days: Type.Optional(Type.String({ pattern: '^[0-9]{1,5}$' })),
  discountPercent: Type.Optional(Type.Index(taxSchema, ['rate'])),
  discountUntil: Type.Optional(dateSchema),
}, closed)

const paymentMeansSchema = Type.Object({
  code: Type.Optional(keyText),
  account: Type.Optional(identifierSchema),
  bank: Type.Optional(identifierSchema),
  reference: Type.Optional(keyText),
}, closed)

const deliverySchema = Type.Object({
  requested: Type.Optional(periodSchema),
  promised: Type.Optional(periodSchema),
  despatchedOn: Type.Optional(dateSchema),
  deliveredOn: Type.Optional(dateSchema),
  terms: Type.Optional(list(Type.Object({ code: Type.Optional(keyText), place: Type.Optional(longText), texts: Type.Optional(list(textSchema)) }, closed))),
  shipment: Type.Optional(keyText),
  tracking: Type.Optional(keyText),
  transportMode: Type.Optional(keyText),
}, closed)

const head = {
  number: keyText,
  function: literals(['original', 'replace', 'change', 'cancel', 'copy'] as const),
  /** The sender's own version number, if it gives one; the hub's revision is counted apart. */
  version: Type.Optional(keyText),
  type: Type.Optional(keyText),
  issuedOn: dateSchema,
  issueTime: Type.Optional(timeSchema),
  currency: Type.Optional(currencySchema),
  taxCurrency: Type.Optional(currencySchema),
  exchangeRates: Type.Optional(list(exchangeRateSchema)),
  parties: Type.Optional(partiesSchema),
  references: Type.Optional(list(referenceSchema)),
  /** What the document answers to the one that it refers to. */
  response: Type.Optional(responseSchema),
  /** What a catalogue is called. */
  name: Type.Optional(longText),
  validity: Type.Optional(periodSchema),
  period: Type.Optional(periodSchema),
  delivery: Type.Optional(deliverySchema),
  paymentTerms: Type.Optional(list(paymentTermsSchema)),
  paymentMeans: Type.Optional(list(paymentMeansSchema)),
  dueOn: Type.Optional(dateSchema),
  taxPointOn: Type.Optional(dateSchema),
  accountingCost: Type.Optional(longText),
  allowancesCharges: Type.Optional(list(allowanceChargeSchema)),
  taxTotals: Type.Optional(list(taxTotalSchema)),
  totals: Type.Optional(totalsSchema),
  lines: Type.Array(lineSchema, { maxItems: most.lines }),
  packages: Type.Optional(list(packageSchema, most.lines)),
  notes: Type.Optional(list(textSchema)),
  attachments: Type.Optional(list(attachmentSchema)),
  extensions: Type.Optional(list(extensionSchema)),
} as const

const title = 'A document of one business transaction, in the hub\'s own form'

export const tradeDocumentSchema = Type.Object({ kind: literals(tradeKinds), ...head }, { ...closed, title })
export type TradeDocument = Static<typeof tradeDocumentSchema>

const linesMayMissOf: readonly TradeKind[] = ['order-response', 'order-change', 'despatch', 'application-response', 'remittance', 'statement']

/** The schema of one kind. A document of goods must have a line; a response, a cancellation, a payment or an account need not, nor a despatch of a whole order. */
export const tradeDocumentSchemaOf = (kind: TradeKind) => {
  const linesMayMiss = linesMayMissOf.includes(kind)
  return Type.Object({ kind: Type.Literal(kind), ...head, ...(linesMayMiss ? {} : { lines: list(lineSchema, most.lines) }) }, { ...closed, $id: kind, title: `${title}: ${kind}` })
}
