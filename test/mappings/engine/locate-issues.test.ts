import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { loadTranslator } from '../../../mappings/engine/translator.js'
import { checkTotals } from '../../../schemas/check-totals.js'
import { readJson } from '../../../schemas/json-reader.js'
import type { Issue } from '../../../schemas/message-answer.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import type { Result } from '../../../schemas/result.js'
import { validateDocument } from '../../../schemas/validate-document.js'
import { readXml } from '../../../schemas/xml-reader.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const order = await readFile(projectFolder('mappings', 'ubl', 'samples', 'order.xml'), 'utf8')

/** What is wrong with the canonical document of a text, with its places. */
const located = (format: string, text: string): readonly Issue[] => {
  const root = must(text.startsWith('{') ? readJson(text) : readXml(text))
  const { documents: [document], issues } = translator.read(format, root)
  if (document === undefined) throw new Error(issues.map(({ detail }) => detail).join())
  return translator.locate(format, root, [...validateDocument(document), ...checkTotals(document)])
}

const lineAmount = '<cbc:LineExtensionAmount currencyID="CNY">'

/** Where a text first begins in the order. */
const placeOf = (text: string): string => {
  const lines = order.slice(0, order.indexOf(text)).split('\n')
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`
}

it('a total that does not add up is placed at the element that states it', () => {
  expect(located('ubl/order', order.replace(`${lineAmount}950.00`, `${lineAmount}9950.00`))[0])
    .toMatchObject({ code: 'total-mismatch', at: `${placeOf(`${lineAmount}950.00`)} cac:OrderLine[1]/cac:LineItem/cbc:LineExtensionAmount`, detail: expect.stringMatching(/^lines\[0\]\.amount is 9/) as string })
})

it('a value that its schema does not take is placed at its element or attribute, whatever level it stands on', () => {
  const long = '9'.repeat(201)
  expect(located('ubl/order', order.replace('<cbc:ID>PO-2026-0815<', `<cbc:ID>${long}<`))).toMatchObject([{ code: 'value-invalid', at: `${placeOf('<cbc:ID>PO-2026-0815<')} cbc:ID` }])
  expect(located('ubl/order', order.replace(/unitCode="[^"]*"/, `unitCode="${long}"`))).toMatchObject([{ at: expect.stringMatching(/^\d+:\d+ cac:OrderLine\[1\]\/cac:LineItem\/cbc:Quantity\/@unitCode$/) as string }])
})

it('a field that is missing is placed at the nearest element around it', () => {
  const root = must(readXml(order))
  const missing = (at: string): Issue => ({ code: 'field-missing', at, detail: 'It is missing.' })
  expect(translator.locate('ubl/order', root, [missing('lines[1].price.validity.from'), missing('packages'), missing('')])).toMatchObject([
    { at: expect.stringMatching(/cac:OrderLine\[2\]\/cac:LineItem\/cac:Price/) as string, detail: 'lines[1].price.validity.from: It is missing.' },
    { at: `${root.line}:${root.column}`, detail: 'packages: It is missing.' }, { at: `${root.line}:${root.column}`, detail: 'It is missing.' },
  ])
})

it('a value that no rule took is placed where it stood', () => {
  const root = must(readJson('{\n "documentType": "shop.order", "number": "1", "created": "2026-03-31",\n "colour": "red", "positions": []}'))
  const { objects } = translator.read('shop-json/order', root, { lineage: true })
  const index = objects.findIndex(({ source }) => source === 'colour')
  expect(objects[index]).toMatchObject({ target: expect.stringMatching(/^extensions\[\d\]$/) as string, line: 3, column: expect.any(Number) as number })
  expect(translator.locate('shop-json/order', root, [{ code: 'not-storable', at: `${objects[index]?.target ?? ''}.value`, detail: 'x' }])).toMatchObject([{ at: expect.stringMatching(/^3:\d+ colour$/) as string }])
})

it('the hub\'s own form is placed by line and column too', () => {
  expect(located('canonical/order', '{"kind": "order", "number": "1", "function": "original", "issuedOn": "2026-02-30",\n "lines": [{}]}'))
    .toMatchObject([{ code: 'value-invalid', at: expect.stringMatching(/^1:\d+ issuedOn$/) as string }, { code: 'field-missing', at: '2:12 lines[0].number', detail: 'The field lines[0].number is missing.' }])
})
