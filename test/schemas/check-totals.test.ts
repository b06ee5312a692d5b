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
