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
