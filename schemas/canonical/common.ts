import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { decimalPattern, type Decimal } from '../decimal.js'

/**
 * Longest texts, in characters. Numbers, identifiers and codes are what followers key by: one takes at most 800 bytes of UTF-8, so that an index
 * row of PostgreSQL (2,704 bytes) holds it beside two source keys.
 */
const keyText = Type.String({ minLength: 1, maxLength: 200 })
const longText = Type.String({ maxLength: 100_000 })

const closed = { additionalProperties: false } as const
/** Longest lists. What a party has is joined with what is known of it already, so that its lists are kept short. */
const most = { items: 10_000, lines: 100_000, identifiers: 200, names: 100, contacts: 200, addressLines: 100 } as const

const list = <T extends TSchema>(of: T, maxItems: number = most.items) => Type.Array(of, { minItems: 1, maxItems })

export const decimalSchema = Type.Unsafe<Decimal>(Type.String({ pattern: decimalPattern, maxLength: 204, title: 'decimal', description: 'A decimal number as text, without trailing zeros, exponent or plus sign.' }))

/** A business date: a day as the paper says it, without a zone, never shifted. */
export const datePattern = '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
export const dateSchema = Type.String({ pattern: datePattern, format: 'date', title: 'date' })

/** A time of day as written; with `offset` it and the date beside it are an instant. */
const timeSchema = Type.Object({
  time: Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?$' }),
  offset: Type.Optional(Type.String({ pattern: '^(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$' })),
}, closed)

const currencySchema = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code.' })

export const amountSchema = Type.Object({ value: decimalSchema, currency: currencySchema }, { ...closed, title: 'amount' })
export type Amount = Static<typeof amountSchema>

export const quantitySchema = Type.Object({
  value: decimalSchema,
  unit: Type.Optional(Type.String({ minLength: 1, maxLength: 20, description: 'UN/ECE Recommendation 20 or 21 code.' })),
  unitAsSent: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
}, { ...closed, title: 'quantity' })
export type Quantity = Static<typeof quantitySchema>

const identifierUseSchema = Type.Unsafe<'endpoint' | 'registration' | 'tax'>(Type.String({ enum: ['endpoint', 'registration', 'tax'] }))

/**
 * An identifier is text, exactly as sent. `scheme` is the canonical name where the scheme is known
 * (gln, gtin, vat, duns, lei, sscc, …), else the sender's own; `assigner` who gave the number; `use` what it serves for
 * besides naming: the electronic address that messages go to, the company's registration, its tax number.
 */
const identifierSchema = Type.Object({
  scheme: Type.Optional(keyText),
  assigner: Type.Optional(keyText),
  use: Type.Optional(identifierUseSchema),
  value: keyText,
}, closed)
export type Identifier = Static<typeof identifierSchema>

export const textSchema = Type.Object({ language: Type.Optional(Type.String({ minLength: 2, maxLength: 35 })), value: longText }, closed)

export const periodSchema = Type.Object({
  from: Type.Optional(dateSchema),
  to: Type.Optional(dateSchema),
  fromTime: Type.Optional(timeSchema),
  toTime: Type.Optional(timeSchema),
}, closed)

const addressSchema = Type.Object({
  identifiers: Type.Optional(list(identifierSchema, most.identifiers)),
  lines: Type.Optional(list(longText, most.addressLines)),
  street: Type.Optional(longText),
  additionalStreet: Type.Optional(longText),
  building: Type.Optional(longText),
  houseNumber: Type.Optional(longText),
  postbox: Type.Optional(longText),
  postcode: Type.Optional(longText),
  city: Type.Optional(longText),
  district: Type.Optional(longText),
  region: Type.Optional(longText),
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 code.' })),
}, closed)

const contactSchema = Type.Object({
  identifiers: Type.Optional(list(identifierSchema, most.identifiers)),
  name: Type.Optional(longText),
  function: Type.Optional(longText),
  phone: Type.Optional(longText),
  fax: Type.Optional(longText),
  email: Type.Optional(longText),
}, closed)

export const partySchema = Type.Object({
  type: Type.Optional(Type.Union([Type.Literal('organisation'), Type.Literal('person')])),
  identifiers: Type.Optional(list(identifierSchema, most.identifiers)),
  names: Type.Optional(list(textSchema, most.names)),
  legalName: Type.Optional(longText),
  address: Type.Optional(addressSchema),
  legalAddress: Type.Optional(addressSchema),
  contacts: Type.Optional(list(contactSchema, most.contacts)),
}, { ...closed, title: 'party' })
export type Party = Static<typeof partySchema>

/** `sender` and `receiver` speak in documents that are no one side's by their kind: an answer, a forecast, a catalogue. */
export const partyRoles = ['buyer', 'originator', 'seller', 'shipTo', 'shipFrom', 'billTo', 'payer', 'payee', 'carrier', 'taxRepresentative', 'sender', 'receiver'] as const
export type PartyRole = (typeof partyRoles)[number]

export const partiesSchema = Type.Object({
  buyer: Type.Optional(partySchema),
  originator: Type.Optional(partySchema),
  seller: Type.Optional(partySchema),
  shipTo: Type.Optional(partySchema),
  shipFrom: Type.Optional(partySchema),
  billTo: Type.Optional(partySchema),
  payer: Type.Optional(partySchema),
  payee: Type.Optional(partySchema),
  carrier: Type.Optional(partySchema),
  taxRepresentative: Type.Optional(partySchema),
  sender: Type.Optional(partySchema),
  receiver: Type.Optional(partySchema),
}, closed)
export type Parties = Static<typeof partiesSchema>

export const itemSchema = Type.Object({
  gtin: Type.Optional(keyText),
  buyersNumber: Type.Optional(keyText),
  sellersNumber: Type.Optional(keyText),
  makersNumber: Type.Optional(keyText),
  identifiers: Type.Optional(list(identifierSchema, most.identifiers)),
  names: Type.Optional(list(textSchema, most.names)),
  descriptions: Type.Optional(list(textSchema)),
  brand: Type.Optional(longText),
  model: Type.Optional(longText),
  classifications: Type.Optional(list(Type.Object({ scheme: Type.Optional(keyText), version: Type.Optional(keyText), code: keyText, name: Type.Optional(longText) }, closed))),
  lots: Type.Optional(list(Type.Object({ number: keyText, madeOn: Type.Optional(dateSchema), expiresOn: Type.Optional(dateSchema) }, closed))),
  serials: Type.Optional(list(keyText, most.lines)),
  origin: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
  properties: Type.Optional(list(Type.Object({ name: keyText, value: longText, unit: Type.Optional(keyText) }, closed))),
}, { ...closed, title: 'item' })
export type Item = Static<typeof itemSchema>

export const taxSchema = Type.Object({
  scheme: Type.Optional(keyText),
  category: Type.Optional(keyText),
  rate: Type.Optional(decimalSchema),
  exemptionCode: Type.Optional(keyText),
  exemptionReasons: Type.Optional(list(textSchema)),
  taxable: Type.Optional(amountSchema),
  amount: Type.Optional(amountSchema),
}, { ...closed, title: 'tax' })

/** The tax of one currency; a document may state its tax in several. */
export const taxTotalSchema = Type.Object({ amount: amountSchema, taxes: Type.Optional(list(taxSchema)) }, closed)

/** States its amount, its percentage or both; a percentage without `base` is one of the price times quantity of its line, on the head of the lines' sum. */
export const allowanceChargeSchema = Type.Object({
  type: Type.Union([Type.Literal('allowance'), Type.Literal('charge')]),
  amount: Type.Optional(amountSchema),
  base: Type.Optional(amountSchema),
  percent: Type.Optional(decimalSchema),
  reasonCode: Type.Optional(keyText),
  reasons: Type.Optional(list(textSchema)),
  taxes: Type.Optional(list(taxSchema)),
}, { ...closed, title: 'allowance or charge', if: { not: { required: ['percent'] } }, then: { required: ['amount'] } })
export type AllowanceCharge = Static<typeof allowanceChargeSchema>

export const priceSchema = Type.Object({
  amount: amountSchema,
  baseQuantity: Type.Optional(quantitySchema),
  type: Type.Optional(keyText),
  validity: Type.Optional(periodSchema),
  allowancesCharges: Type.Optional(list(allowanceChargeSchema)),
}, { ...closed, title: 'price' })

export const attachmentSchema = Type.Object({
  sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the embedded bytes, which stay in the raw message.' })),
  bytes: Type.Optional(Type.Integer({ minimum: 0 })),
  mediaType: Type.Optional(keyText),
  fileName: Type.Optional(longText),
  uri: Type.Optional(longText),
}, closed)

/** What a format has and the canonical model has not: kept, and written back only to that format. */
export const extensionSchema = Type.Object({ format: keyText, path: Type.String({ minLength: 1, maxLength: 2000 }), value: longText }, closed)

/** Always of a day: a rate without one says nothing that could be computed with later. */
export const exchangeRateSchema = Type.Object({
  from: currencySchema,
  to: currencySchema,
  rate: decimalSchema,
  operator: Type.Optional(Type.Union([Type.Literal('multiply'), Type.Literal('divide')])),
  on: dateSchema,
}, closed)

export { addressSchema, closed, currencySchema, identifierSchema, keyText, list, longText, most, timeSchema }
