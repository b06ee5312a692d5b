import { parseDecimal } from '../../schemas/decimal.js'
import type { Node } from '../../schemas/node.js'
import type { Converter } from './converter.js'
import { trimmed } from './trimmed-text.js'

/** The value of an attribute without white space around it; undefined where it is missing or empty. */
export const attributeOf = (node: Node, name: string, namespace = ''): string | undefined => {
  for (const attribute of node.attributes) {
    if (attribute.name !== name || attribute.namespace !== namespace) continue
    const value = trimmed(attribute.value)
    return value === '' ? undefined : value
  }
  return undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** A text that an object holds under a name. */
export const memberOf = (value: unknown, name: string): string | undefined => {
  const member = isObject(value) ? value[name] : undefined
  return typeof member === 'string' ? member : undefined
}

const currencyCode = /^[A-Z]{3}$/

/** An amount as an element's text, its currency (ISO 4217) as an attribute: without the attribute it is missing, and not in letters it is wrong. `plain` undoes what people see (`1,234.50`). */
export const amountWith = (currencyAttribute: string, plain: (text: string) => string = (text) => text): Converter => ({
  takes: { [currencyAttribute]: 'currency' },
  read: (text, node, report) => {
    const value = parseDecimal(plain(text))
    if (!value.ok) return report('value-invalid', value.detail)
    const currency = attributeOf(node, currencyAttribute)
    if (currency === undefined) return report('field-missing', `The amount has no ${currencyAttribute}.`)
    return currencyCode.test(currency) ? { value: value.value, currency } : report('value-invalid', `'${currency.slice(0, 40)}' is not a currency code; write it like EUR.`)
  },
  write: (value) => ({ text: memberOf(value, 'value') ?? '', attributes: { [currencyAttribute]: memberOf(value, 'currency') } }),
})
