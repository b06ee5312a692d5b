import { isBusinessDate } from '../../schemas/business-date.js'
import { parseDecimal } from '../../schemas/decimal.js'
import { amountWith, attributeOf, memberOf } from '../engine/amounts.js'
import { textConverter, type After, type Converter, type MapFunctions } from '../engine/converter.js'

const amount = amountWith('currencyCode')

/** SAP's ISO codes that UN/ECE Recommendation 20 has under another code. */
const units: Readonly<Record<string, string>> = { PCE: 'H87', PC: 'H87', ST: 'H87' }

const quantity: Converter = {
  takes: { unitCode: 'unit' },
  read: (text, node, report) => {
    const value = parseDecimal(text)
    if (!value.ok) return report('value-invalid', value.detail)
    const unit = attributeOf(node, 'unitCode')
    if (unit === undefined) return { value: value.value }
    const code = units[unit]
    return code === undefined ? { value: value.value, unit } : { value: value.value, unit: code, unitAsSent: unit }
  },
  write: (value) => ({ text: memberOf(value, 'value') ?? '', attributes: { unitCode: memberOf(value, 'unitAsSent') ?? memberOf(value, 'unit') } }),
}

/** The day of a time of the place that the document means; the zone stands beside it and shifts nothing. */
const day: Converter = {
  takes: {},
  read: (text, _node, report) => isBusinessDate(text.slice(0, 10)) ? text.slice(0, 10) : report('value-invalid', `'${text.slice(0, 40)}' is not a time; write it like 2026-03-31T00:00:00.`),
  write: (value) => (typeof value === 'string' ? { text: `${value}T00:00:00` } : undefined),
}

const days = textConverter((text) => (/^\d{1,5}$/.test(text) ? text : undefined))

const language = textConverter((text) => (/^[A-Za-z]{2}$/.test(text) ? text.toLowerCase() : undefined), (value) => value.slice(0, 2).toUpperCase())

const isItem = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** An item with a reason of rejection is rejected, whatever its schedule lines say. */
const confirmedLine: After = (item, node) => {
  if (node.children.some(({ name, text }) => name === 'SalesDocumentRjcnReason' && text.trim() !== '')) item['status'] = 'rejected'
}

/** An order that only its sales order names is named by the seller's number. */
const deliveredLine: After = (item, node) => {
  const references: unknown = item['references']
  if (!Array.isArray(references) || node.children.some(({ name, text }) => name === 'UnderlyingPurchaseOrder' && text.trim() !== '')) return
  for (const reference of references as readonly unknown[]) if (isItem(reference) && reference['kind'] === 'order') reference['issuer'] = { role: 'seller' }
}

export const functions = {
  converters: { amount, quantity, day, days, language },
  after: { 'confirmed-line': confirmedLine, 'delivered-line': deliveredLine },
} satisfies MapFunctions
