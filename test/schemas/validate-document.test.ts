import { expect, it } from 'vitest'
import { validateDocument } from '../../schemas/validate-document.js'

it('names each missing, unknown and malformed field by its path', () => {
  const issues = validateDocument({ kind: 'order', number: '', function: 'original', issuedOn: '2026-3-1', lines: [{ number: '1', quantity: { value: '1.50' }, colour: 'red' }] })
  expect(issues.map(({ code, at }) => `${code} ${at}`).sort()).toEqual(['field-missing number', 'field-unknown lines[0].colour', 'value-invalid issuedOn', 'value-invalid lines[0].quantity.value'])
})
it('asks an order for a line, and a response for none', () => {
  const head = { number: '1', function: 'original', issuedOn: '2026-03-01', lines: [] }
  expect(validateDocument({ kind: 'order', ...head })).toMatchObject([{ code: 'field-missing', at: 'lines' }])
  expect(validateDocument({ kind: 'order-response', ...head })).toEqual([])
})
it('refuses what says no kind that it knows', () => {
  expect(validateDocument({ kind: 'poem' })).toMatchObject([{ code: 'value-invalid', at: 'kind' }])
})
it('refuses a day that no calendar has, once and at its place', () => {
  const order = { kind: 'order', number: '1', function: 'original', issuedOn: '2026-02-31', dueOn: '0000-01-01', lines: [{ number: '1', period: { from: '2026-02-29', to: '2024-02-29' } }] }
  expect(validateDocument(order).map(({ code, at }) => `${code} ${at}`).sort()).toEqual(['value-invalid dueOn', 'value-invalid issuedOn', 'value-invalid lines[0].period.from'])
  expect(validateDocument({ ...order, issuedOn: 'today', dueOn: undefined, lines: [{ number: '1' }] })).toMatchObject([{ at: 'issuedOn' }])
})
it('bounds the lists of a party, and the lines', () => {
  const many = (length: number) => Array.from({ length }, (_, index) => ({ value: `n${index}` }))
  const order = (buyer: object) => ({ kind: 'order', number: '1', function: 'original', issuedOn: '2026-03-01', parties: { buyer }, lines: [{ number: '1' }] })
  const full = { identifiers: many(200), names: many(100), contacts: many(200).map(({ value }) => ({ name: value })), address: { lines: Array(100).fill('x') } }
  expect(validateDocument(order(full))).toEqual([])
  const more = { identifiers: many(201), names: many(101), contacts: many(201).map(({ value }) => ({ name: value })), address: { lines: Array(101).fill('x') } }
  const places = ['address.lines', 'contacts', 'identifiers', 'names'].map((name) => `limit-exceeded parties.buyer.${name}`)
  expect(validateDocument(order(more)).map(({ code, at }) => `${code} ${at}`).sort()).toEqual(places)
  expect(validateDocument({ ...order({}), lines: Array(100_001).fill({ number: '1' }) })).toMatchObject([{ code: 'limit-exceeded', at: 'lines' }])
})
it('bounds what documents are keyed by', () => {
  const order = (number: string) => ({ kind: 'order', number, function: 'original', issuedOn: '2026-03-01', lines: [{ number: '1' }] })
  expect(validateDocument(order('\u{20000}'.repeat(200)))).toEqual([])
  expect(validateDocument(order('1'.repeat(201)))).toMatchObject([{ code: 'value-invalid', at: 'number' }])
})
it('asks an allowance for its amount or its percentage, and an exchange rate for its day', () => {
  const order = { kind: 'order', number: '1', function: 'original', issuedOn: '2026-03-01', lines: [{ number: '1' }] }
  const allowances = [{ type: 'allowance', percent: '5' }, { type: 'charge', amount: { value: '1', currency: 'EUR' } }, { type: 'charge', reasonCode: 'FC' }]
  expect(validateDocument({ ...order, allowancesCharges: allowances })).toEqual([{ code: 'field-missing', at: 'allowancesCharges[2].amount', detail: 'The field allowancesCharges[2].amount is missing, and no percent stands for it.' }])
  expect(validateDocument({ ...order, exchangeRates: [{ from: 'EUR', to: 'CNY', rate: '7.8' }] })).toMatchObject([{ code: 'field-missing', at: 'exchangeRates[0].on' }])
})
