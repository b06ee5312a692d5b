import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { checkTotals } from '../../schemas/check-totals.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { validateDocument } from '../../schemas/validate-document.js'

const invoice = async (from: string, to: string): Promise<CanonicalDocument> => {
  const text = await readFile(projectFolder('mappings', 'ubl', 'samples', 'invoice.canonical.json'), 'utf8')
  expect(text).toContain(from)
  const document: unknown = JSON.parse(text.replace(from, to))
  expect(validateDocument(document)).toEqual([])
  return document as CanonicalDocument
}

it('warns where a payable amount is not what the amounts before it make', async () => {
  expect(checkTotals(await invoice('"payable": {\n      "value": "1340.18"', '"payable": {\n      "value": "1340.28"'))).toMatchObject([{ code: 'total-mismatch', at: 'totals.payable', severity: 'warning' }])
})
it('lets a difference of the smallest coin pass as rounding', async () => {
  expect(checkTotals(await invoice('"payable": {\n      "value": "1340.18"', '"payable": {\n      "value": "1340.19"'))).toEqual([])
})
it('divides by the base quantity of a price and takes the allowances of the line off', async () => {
  expect(checkTotals(await invoice('"value": "256"', '"value": "25600"')).map(({ at }) => at)).toEqual(['lines[1].amount', 'totals.lines'])
})

const euro = (value: string) => ({ value, currency: 'EUR' })
const discounted = (more: object, head: object = {}): CanonicalDocument => {
  const line = { number: '1', quantity: { value: '3' }, price: { amount: euro('9.99') }, ...more }
  const document: unknown = { kind: 'order', number: '1', function: 'original', issuedOn: '2026-03-31', lines: [line], ...head }
  expect(validateDocument(document)).toEqual([])
  return document as CanonicalDocument
}

it('takes a percentage off that stands alone: of its base, or else of price times quantity, rounded with the total that it goes into', () => {
  // 5 % of 29.97 is 1.4985.
  const alone = [{ type: 'allowance', percent: '5' }]
  expect(checkTotals(discounted({ amount: euro('28.47'), allowancesCharges: alone }))).toEqual([])
  expect(checkTotals(discounted({ amount: euro('29.97'), allowancesCharges: alone }))).toMatchObject([{ at: 'lines[0].amount', detail: expect.stringContaining('makes 28.4715') as string }])
  expect(checkTotals(discounted({ amount: euro('24.97'), allowancesCharges: [{ type: 'allowance', percent: '5', base: euro('100') }] }))).toEqual([])
  expect(checkTotals(discounted({ amount: euro('24.97'), allowancesCharges: [{ type: 'allowance', percent: '5', base: { value: '100', currency: 'CNY' } }] }))).toEqual([])
})
it('takes a percentage of the head from the sum of the lines', () => {
  const head = { allowancesCharges: [{ type: 'charge', percent: '10' }], totals: { lines: euro('29.97'), taxExclusive: euro('32.97') } }
  expect(checkTotals(discounted({}, head))).toEqual([])
  expect(checkTotals(discounted({}, { ...head, totals: { ...head.totals, taxExclusive: euro('29.97') } }))).toMatchObject([{ at: 'totals.taxExclusive' }])
})
it('stores nothing that the document does not state', () => {
  const document = discounted({ amount: euro('28.47'), allowancesCharges: [{ type: 'allowance', percent: '5' }] })
  const before = JSON.stringify(document)
  checkTotals(document)
  expect(JSON.stringify(document)).toBe(before)
})
