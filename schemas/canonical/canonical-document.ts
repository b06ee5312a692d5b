import { Type, type Static, type TObject } from '@sinclair/typebox'
import { closed, dateSchema, extensionSchema, identifierSchema, itemSchema, keyText, list, partySchema, priceSchema } from './common.js'
import { tradeDocumentSchemaOf, tradeKinds, type TradeDocument } from './trade-document.js'

const functionSchema = Type.Unsafe<'original' | 'replace' | 'change' | 'cancel' | 'copy'>(Type.String({ enum: ['original', 'replace', 'change', 'cancel', 'copy'] }))

const partyDocumentSchema = Type.Object({
  kind: Type.Literal('party'),
  /** The sending system's own number of the party. */
  number: keyText,
  function: functionSchema,
  issuedOn: Type.Optional(dateSchema),
  party: partySchema,
  roles: Type.Optional(list(keyText)),
  relationships: Type.Optional(list(Type.Object({ type: keyText, to: identifierSchema, from: Type.Optional(dateSchema), until: Type.Optional(dateSchema) }, closed))),
  extensions: Type.Optional(list(extensionSchema)),
}, { ...closed, $id: 'party', title: 'A party as one system knows it' })
export type PartyDocument = Static<typeof partyDocumentSchema>

const productDocumentSchema = Type.Object({
  kind: Type.Literal('product'),
  number: keyText,
  function: functionSchema,
  issuedOn: Type.Optional(dateSchema),
  item: itemSchema,
  baseUnit: Type.Optional(keyText),
  prices: Type.Optional(list(priceSchema)),
  extensions: Type.Optional(list(extensionSchema)),
}, { ...closed, $id: 'product', title: 'A product as one system knows it' })
export type ProductDocument = Static<typeof productDocumentSchema>

export type CanonicalDocument = TradeDocument | PartyDocument | ProductDocument

export const documentKinds = ['party', 'product', ...tradeKinds] as const
export type DocumentKind = (typeof documentKinds)[number]

/** The JSON Schema (draft 2020-12 subset) of each kind of canonical document. */
export const canonicalSchemas: Readonly<Record<DocumentKind, TObject>> = {
  party: partyDocumentSchema,
  product: productDocumentSchema,
  'order': tradeDocumentSchemaOf('order'),
  'order-response': tradeDocumentSchemaOf('order-response'),
  'order-change': tradeDocumentSchemaOf('order-change'),
  'despatch': tradeDocumentSchemaOf('despatch'),
  'receipt': tradeDocumentSchemaOf('receipt'),
  'invoice': tradeDocumentSchemaOf('invoice'),
  'credit-note': tradeDocumentSchemaOf('credit-note'),
  'quotation-request': tradeDocumentSchemaOf('quotation-request'),
  'quotation': tradeDocumentSchemaOf('quotation'),
  'application-response': tradeDocumentSchemaOf('application-response'),
  'remittance': tradeDocumentSchemaOf('remittance'),
  'statement': tradeDocumentSchemaOf('statement'),
  'catalogue': tradeDocumentSchemaOf('catalogue'),
  'inventory-report': tradeDocumentSchemaOf('inventory-report'),
  'forecast': tradeDocumentSchemaOf('forecast'),
}

const bySpelling = new Map(documentKinds.map((kind) => [kind.replaceAll('-', ''), kind]))

/** The kind that a caller means, in any spelling: `order-response`, `orderResponse`, `ORDER_RESPONSE`. */
export const kindNamed = (name: string): DocumentKind | undefined => bySpelling.get(name.toLowerCase().replace(/[-_ ]/g, ''))

export const isTradeDocument = (document: CanonicalDocument): document is TradeDocument => document.kind !== 'party' && document.kind !== 'product'
