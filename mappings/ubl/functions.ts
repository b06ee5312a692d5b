import { createHash } from 'node:crypto'
import { compareDecimals, divideDecimals, multiplyDecimals, parseDecimal, type Decimal } from '../../schemas/decimal.js'
import { canonicalScheme } from '../../schemas/identifier-scheme.js'
import type { Node } from '../../schemas/node.js'
import { textConverter, type After, type Converter, type MapFunctions } from '../engine/converter.js'

const attributeOf = (node: Node, name: string): string | undefined => {
  const value = node.attributes.find((attribute) => attribute.namespace === '' && attribute.name === name)?.value.trim()
  return value === '' ? undefined : value
}

const memberOf = (value: unknown, name: string): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const member: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof member === 'string' ? member : undefined
}

/** `<cbc:PayableAmount currencyID="EUR">12.50</…>`: CCTS AmountType, whose currencyID is required in UBL. */
const amount: Converter = {
  takes: { currencyID: 'currency' },
  read: (text, node, report) => {
    const value = parseDecimal(text)
    if (!value.ok) return report('value-invalid', value.detail)
    const currency = attributeOf(node, 'currencyID')
    if (currency === undefined) return report('field-missing', 'The amount has no currencyID.')
    return /^[A-Z]{3}$/.test(currency) ? { value: value.value, currency } : report('value-invalid', `'${currency.slice(0, 40)}' is not a currency code; write it like EUR.`)
  },
  write: (value) => ({ text: memberOf(value, 'value') ?? '', attributes: { currencyID: memberOf(value, 'currency') } }),
}

/** unitCode is a code of UN/ECE Recommendation 20 or 21 already. */
const quantity: Converter = {
  takes: { unitCode: 'unit' },
  read: (text, node, report) => {
    const value = parseDecimal(text)
    if (!value.ok) return report('value-invalid', value.detail)
    const unit = attributeOf(node, 'unitCode')
    return unit === undefined ? { value: value.value } : { value: value.value, unit }
  },
  write: (value) => ({ text: memberOf(value, 'value') ?? '', attributes: { unitCode: memberOf(value, 'unit') } }),
}

const languageText: Converter = {
  takes: { languageID: 'language' },
  read: (text, node) => {
    const language = attributeOf(node, 'languageID')
    return language === undefined ? { value: text } : { language, value: text }
  },
  write: (value) => ({ text: memberOf(value, 'value') ?? '', attributes: { languageID: memberOf(value, 'language') } }),
}

/** ISO 6523 codes, as Peppol's code lists write the schemes that have one. */
const writtenSchemes: Readonly<Record<string, string>> = { gln: '0088', duns: '0060', lei: '0199', gtin: '0160' }

const identifier: Converter = {
  takes: { schemeID: 'scheme', schemeAgencyID: 'scheme' },
  read: (text, node) => {
    const scheme = canonicalScheme(attributeOf(node, 'schemeID'), attributeOf(node, 'schemeAgencyID'))
    return scheme === undefined ? { value: text } : { scheme, value: text }
  },
  write: (value) => {
    const scheme = memberOf(value, 'scheme')
    return { text: memberOf(value, 'value') ?? '', attributes: { schemeID: scheme === undefined ? undefined : writtenSchemes[scheme] ?? scheme } }
  },
}

/** A standard item number without a scheme is a GTIN by the element's definition; with another scheme it is left to the other identifiers. */
const gtin: Converter = {
  takes: { schemeID: 'scheme', schemeAgencyID: 'scheme' },
  read: (text, node) => {
    const scheme = attributeOf(node, 'schemeID')
    return scheme === undefined || ['gtin', 'gln'].includes(canonicalScheme(scheme) ?? '') ? text : undefined
  },
  write: (value) => typeof value === 'string' ? { text: value, attributes: { schemeID: '0160' } } : undefined,
}

/** VAT under the names that countries give it. 'TAX' is none of them: Norway writes it over what is no tax number. */
const vatNames = /\b(VAT|MOMS|MVA|MWST|UST|TVA|IVA|BTW|ALV)\b/i

const taxScheme = textConverter((text) => vatNames.test(text) ? 'vat' : text, (value) => value === 'vat' ? 'VAT' : value)

/** A document inside the document: its bytes stay in the raw message. */
const embedded: Converter = {
  takes: 'all',
  read: (text, node) => {
    const bytes = Buffer.from(text, 'base64')
    const mediaType = attributeOf(node, 'mimeCode')
    const fileName = attributeOf(node, 'filename')
    return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, ...(mediaType === undefined ? {} : { mediaType }), ...(fileName === undefined ? {} : { fileName }) }
  },
  write: () => undefined,
}

/** The number of a transport unit is an SSCC where it says so or has the 18 digits of one. */
const sscc: Converter = {
  takes: { schemeID: 'scheme' },
  read: (text, node) => canonicalScheme(attributeOf(node, 'schemeID')) === 'sscc' || /^\d{18}$/.test(text) ? text : undefined,
  write: (value) => typeof value === 'string' ? { text: value, attributes: { schemeID: 'SSCC' } } : undefined,
}

const decimalOf = (text: string | undefined): Decimal | undefined => {
  const decimal = text === undefined ? undefined : parseDecimal(text)
  return decimal?.ok === true ? decimal.value : undefined
}

const hundred = '100' as Decimal

/** MultiplierFactorNumeric is a factor (0.15) in some documents and a percentage (15) in others: the amounts beside it tell which. */
const percentOfFactor: After = (item) => {
  const factor = decimalOf(typeof item['percent'] === 'string' ? item['percent'] : undefined)
  const base = decimalOf(memberOf(item['base'], 'value'))
  const value = decimalOf(memberOf(item['amount'], 'value'))
  if (factor === undefined || base === undefined || value === undefined) return
  const isNear = (a: Decimal, b: Decimal): boolean => compareDecimals(divideDecimals(a, '1' as Decimal, 2), divideDecimals(b, '1' as Decimal, 2)) === 0
  if (isNear(multiplyDecimals(base, factor), value)) item['percent'] = multiplyDecimals(factor, hundred)
}

export const functions = {
  converters: { amount, quantity, 'language-text': languageText, identifier, gtin, 'tax-scheme': taxScheme, embedded, sscc },
  after: { 'percent-of-factor': percentOfFactor },
} satisfies MapFunctions
