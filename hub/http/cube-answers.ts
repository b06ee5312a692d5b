import { Type } from '@sinclair/typebox'
import { decimal, documentKind, journalNumber, listOf, named, oneOf, uuid } from './answer-shapes.js'
import type { AnswerDescription } from './operation.js'

/** What the cubes answer; the examples are of the demo chain's invoices. */

const member = () => Type.Unsafe<unknown>({ ...named('Member', Type.Union([
  Type.Object({ key: Type.String(), name: Type.Unsafe<string | null>({ type: ['string', 'null'] }) }), Type.String(), Type.Null(),
])), description: 'A key, with a name where people have another one for it; null where the facts have none.' })

const cell = () => Type.Record(Type.String(), Type.Union([member(), Type.Integer()]), { description: 'Levels and measures by their names: decimals as text, counts as numbers.' })

const freshness = () => ({
  journalSeq: journalNumber(),
  asOf: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description: 'When that entry was recorded.' }),
  leftOut: Type.Integer({ minimum: 0, description: 'Documents that no figure tells, because it would have had to be rounded.' }),
  waiting: Type.Integer({ minimum: 0, description: 'Documents that no figure tells yet, because the warehouse has parked them or they wait for one that it has; see listParked.' }),
  ageMs: Type.Integer({ minimum: 0, description: 'How far behind the journal the answer is, in ms.' }),
})

const lotus = { key: '7402fa05-960f-88e6-8b0e-408f1f6869eb', name: '上海莲花贸易有限公司' }
const fresh = { journalSeq: 13, asOf: '2026-11-21T23:46:27.487Z', leftOut: 0, waiting: 0, ageMs: 0 }

export const cubeListAnswer = (): AnswerDescription => ({
  description: '`{items}`: what can be asked.',
  schema: listOf(Type.Object({
    name: Type.String(),
    title: Type.String(),
    kinds: Type.Array(documentKind()),
    levels: Type.Array(Type.Object({ name: Type.String(), title: Type.String(), dimension: Type.String(), example: Type.String(), named: Type.Boolean() })),
    hierarchies: Type.Array(Type.Array(Type.String()), { description: 'Names of levels, from coarse to fine.' }),
    measures: Type.Array(Type.Object({ name: Type.String(), title: Type.String(), type: oneOf(['decimal', 'count']), perCurrency: Type.Boolean() })),
  })),
  example: {
    items: [{
      name: 'sales', title: 'Sales', kinds: ['invoice', 'credit-note'],
      levels: [{ name: 'date.month', title: 'Month', dimension: 'date', example: '2026-11', named: false }],
      hierarchies: [['date.year', 'date.quarter', 'date.month', 'date.day']],
      measures: [{ name: 'revenue', title: 'Revenue, net of tax', type: 'decimal', perCurrency: true }],
    }],
  },
})

export const cubeAnswer = (): AnswerDescription => ({
  description: 'The cells, current to `journalSeq`; `rows` has `currency` where it had to be added.',
  schema: Type.Object({
    cube: Type.String(), ...freshness(),
    rows: Type.Array(Type.String()), columns: Type.Array(Type.String()), measures: Type.Array(Type.String()),
    cells: Type.Array(cell()),
    totals: Type.Optional(Type.Array(Type.Object({ over: Type.Array(Type.String(), { description: 'The levels that the total goes over.' }), cell: cell() }))),
  }),
  example: {
    cube: 'sales', ...fresh, rows: ['customer', 'date.month', 'currency'], columns: [], measures: ['revenue'],
    cells: [{ 'customer': lotus, 'date.month': '2026-03', 'currency': 'CNY', 'revenue': '1186' }],
    totals: [{ over: ['customer', 'date.month'], cell: { currency: 'CNY', revenue: '1186' } }],
  },
})

export const drillAnswer = (): AnswerDescription => ({
  description: '`{items, next?}`, in the order of the journal; `next` goes into the body as `cursor`.',
  schema: listOf(Type.Object({
    documentId: uuid(), messageId: uuid(), kind: documentKind(), number: Type.String(), revision: Type.Integer({ minimum: 1 }), journalSeq: Type.Integer({ minimum: 1 }),
    line: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Null for what belongs to the whole document.' }),
    members: Type.Record(Type.String(), member(), { description: 'Every dimension at its finest level.' }),
    figures: Type.Record(Type.String(), decimal()),
  }), { cube: Type.String(), ...freshness() }),
  example: {
    cube: 'sales', ...fresh, next: '7-0',
    items: [{
      documentId: '01a20081-0cd2-7000-9d19-c5a96423854e', messageId: '01a20081-0cbb-7000-aecf-5a6926a10cfa', kind: 'invoice', number: '0090004711', revision: 1, journalSeq: 7, line: '1',
      members: { customer: lotus, date: '2026-03-18', currency: 'CNY', unit: 'C62', kind: 'invoice' }, figures: { amount: '950', quantity: '40' },
    }],
  },
  links: [{ to: 'getMessage', parameter: 'id', from: '/items/0/messageId' }],
})
