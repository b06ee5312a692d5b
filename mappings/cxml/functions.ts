import { addDecimals, compareDecimals, parseDecimal, subtractDecimals, zero, type Decimal } from '../../schemas/decimal.js'
import { canonicalScheme } from '../../schemas/identifier-scheme.js'
import type { Node } from '../../schemas/node.js'
import { xmlNamespace } from '../../schemas/xml-names.js'
import { amountWith, attributeOf, memberOf } from '../engine/amounts.js'
import { textConverter, type After, type Converter, type MapFunctions } from '../engine/converter.js'
import { childrenOf, draftsOf, isDraft, listOf, type Draft } from './document-parts.js'
import { status, statusConverters } from './status-update.js'

const decimalOf = (text: string | undefined): Decimal | undefined => {
  const decimal = text === undefined ? undefined : parseDecimal(text)
  return decimal?.ok === true ? decimal.value : undefined
}

/** Some systems write the amounts that people see: `1,234.50`. */
const plainNumber = (text: string): string => (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text)

/** `<Money currency="EUR">12.50</Money>`. An amount in another currency beside it stays with the extensions. */
const money = amountWith('currency', plainNumber)

const negated = (text: string | undefined): string => {
  const value = decimalOf(text)
  return value === undefined ? '' : subtractDecimals(zero, value)
}

/** Read as it stands, written with the other sign: see `credit`. */
const negativeMoney: Converter = { ...money, write: (value) => ({ text: negated(memberOf(value, 'value')), attributes: { currency: memberOf(value, 'currency') } }) }

const billed = textConverter((text, report) => {
  const value = parseDecimal(plainNumber(text))
  return value.ok ? value.value : report('value-invalid', value.detail)
})
const negative: Converter = { ...billed, write: (value) => (typeof value === 'string' ? { text: negated(value) } : undefined) }

const languageText: Converter = {
  takes: { 'xml:lang': 'language' },
  read: (text, node) => {
    const language = attributeOf(node, 'lang', xmlNamespace)
    return language === undefined || language.length < 2 ? { value: text } : { language, value: text }
  },
  write: (value) => ({ text: memberOf(value, 'value') ?? '', attributes: { 'xml:lang': memberOf(value, 'language') } }),
}

const writtenDomains: Readonly<Record<string, string>> = { gln: 'GLN', duns: 'DUNS', vat: 'vatID', lei: 'LEI' }

/** The domain of a Credential, an address or a reference; NetworkID is met in several spellings. */
const domain = textConverter((text) => (/^network_?id$/i.test(text) ? 'NetworkID' : canonicalScheme(text)), (value) => writtenDomains[value] ?? value)

/** An instant where the document has room for the day alone: the day as written. */
const day = textConverter((text, report) => {
  const found = /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:[T ].*|Z|[+-]\d{2}:?\d{2})?$/.exec(text)
  return found?.[1] ?? report('value-invalid', `'${text.slice(0, 40)}' is not a date; write it like 2026-03-31T13:05:00+08:00.`)
})

/** The name of a country says what its code says. */
const countryName: Converter = {
  takes: { isoCountryCode: 'country' },
  read: (_text, node) => {
    const code = attributeOf(node, 'isoCountryCode')
    return code !== undefined && /^[A-Za-z]{2}$/.test(code) ? code.toUpperCase() : undefined
  },
  write: (value) => (typeof value === 'string' ? { text: value, attributes: { isoCountryCode: value } } : undefined),
}

const responseCodes: Readonly<Record<string, string>> = {
  accept: 'accepted', allDetail: 'changed', detail: 'changed', except: 'changed', backordered: 'changed', replace: 'changed', reject: 'rejected', requestToPay: 'acknowledged',
}
const responseTypes: Readonly<Record<string, string>> = { accepted: 'accept', changed: 'detail', rejected: 'reject', acknowledged: 'requestToPay' }

/** The type of a confirmation is kept beside the response that it comes to. */
const confirmationType: Converter = {
  takes: {},
  read: (text, _node, report) => {
    const code = responseCodes[text]
    return code === undefined ? report('code-unknown', `'${text.slice(0, 40)}' is not a type of confirmation (${Object.keys(responseCodes).join(', ')}).`) : [code, text]
  },
  write: (value) => {
    const [code, type] = listOf(value)
    if (typeof type === 'string' && responseCodes[type] === code) return { text: type }
    return typeof code === 'string' ? { text: responseTypes[code] ?? 'detail' } : undefined
  },
}

/** Several quantities that are one where it is written. */
const sum: Converter = {
  takes: {},
  read: () => undefined,
  write: (value) => {
    const all = (Array.isArray(value) ? value : []).flatMap((one: unknown) => decimalOf(typeof one === 'string' ? one : undefined) ?? [])
    return all.length === 0 ? undefined : { text: all.reduce(addDecimals, zero) }
  },
}

/** Countries by their calling codes, for the attribute that a CountryCode must have; what is not listed is written without. */
const countries: Readonly<Record<string, string>> = {
  1: 'US', 7: 'RU', 31: 'NL', 32: 'BE', 33: 'FR', 34: 'ES', 39: 'IT', 41: 'CH', 43: 'AT', 44: 'GB', 45: 'DK', 46: 'SE', 47: 'NO', 48: 'PL', 49: 'DE', 52: 'MX', 55: 'BR',
  60: 'MY', 61: 'AU', 62: 'ID', 65: 'SG', 66: 'TH', 81: 'JP', 82: 'KR', 84: 'VN', 86: 'CN', 90: 'TR', 91: 'IN', 351: 'PT', 353: 'IE', 358: 'FI', 420: 'CZ', 852: 'HK', 886: 'TW',
}

const childText = (node: Node, name: string): string => node.children.find((child) => child.name === name)?.text.trim() ?? ''

/** TelephoneNumber (CountryCode, AreaOrCityCode, Number, Extension?) as one text: `+49 761 1234567 ext 12`. */
const phone: Converter = {
  takes: 'all',
  read: (_text, node) => {
    const code = childText(node, 'CountryCode')
    const extension = childText(node, 'Extension')
    const parts = [code === '' ? '' : `+${code.replace(/^\+/, '')}`, childText(node, 'AreaOrCityCode'), childText(node, 'Number'), extension === '' ? '' : `ext ${extension}`]
    const text = parts.filter((part) => part !== '').join(' ')
    return text === '' ? undefined : text
  },
  write: (value) => {
    if (typeof value !== 'string') return undefined
    const [number = '', extension] = value.split(' ext ')
    const [code = '', area = '', ...rest] = number.startsWith('+') ? number.slice(1).split(' ') : ['', ...number.split(' ')]
    const local = rest.length === 0 ? ['', area] : [area, rest.join(' ')]
    const child = (name: string, text = '', attributes = {}) => ({ name, namespace: '', written: { text, attributes } })
    const numbered = [child('CountryCode', code, { isoCountryCode: countries[code] }), child('AreaOrCityCode', local[0]), child('Number', local[1])]
    return { children: extension === undefined ? numbered : [...numbered, child('Extension', extension)] }
  },
}

/** The first two of the Street elements. */
const streets: Converter = {
  takes: {},
  read: () => undefined,
  write: (value) => {
    const children = listOf(value).flatMap((text) => (typeof text === 'string' ? [{ name: 'Street', namespace: '', written: { text } }] : []))
    return children.length === 0 ? undefined : { children }
  },
}

const nameStreets = (address: unknown): void => {
  if (!isDraft(address) || !Array.isArray(address['lines'])) return
  const [street, additionalStreet, ...lines] = listOf(address['lines'])
  delete address['lines']
  Object.assign(address, { street }, additionalStreet === undefined ? {} : { additionalStreet }, lines.length === 0 ? {} : { lines })
}

const finishParties = (parties: unknown): void => {
  if (isDraft(parties)) for (const party of Object.values(parties)) if (isDraft(party)) nameStreets(party['address'])
}

/** What all documents have: streets by their names. */
const finish: After = (document) => {
  finishParties(document['parties'])
  for (const line of draftsOf(document['lines'])) finishParties(line['parties'])
}

/** A deleted order is a cancellation of the order of its own number. */
const cancel: After = (document, node, above) => {
  finish(document, node, above)
  const number = memberOf(document, 'number')
  if (number !== undefined) document['references'] = [{ kind: 'order', number }, ...draftsOf(document['references'])]
}

const copyOf = (value: unknown): unknown => (isDraft(value) ? { ...value } : undefined)

/** What is due is the net amount where no deposit was taken off; a bill for information alone is a copy. */
const bill: After = (document, node, above) => {
  finish(document, node, above)
  const { totals } = document
  if (isDraft(totals) && totals['payable'] === undefined && totals['prepaid'] === undefined && totals['taxInclusive'] !== undefined) totals['payable'] = copyOf(totals['taxInclusive'])
  const [request] = childrenOf(node, 'Request').flatMap((one) => childrenOf(one, 'InvoiceDetailRequest'))
  const [header] = childrenOf(request, 'InvoiceDetailRequestHeader')
  if (header !== undefined && attributeOf(header, 'isInformationOnly') === 'yes') document['function'] = 'copy'
}

const isNegative = (amount: unknown): boolean => {
  const value = decimalOf(memberOf(amount, 'value'))
  return value !== undefined && compareDecimals(value, zero) < 0
}

const turn = (amount: unknown): void => {
  if (isDraft(amount) && amount['value'] !== undefined) amount['value'] = negated(memberOf(amount, 'value'))
}

const turnAll = (holder: Draft): void => {
  for (const change of draftsOf(holder['allowancesCharges'])) {
    turn(change['amount'])
    turn(change['base'])
  }
  for (const total of draftsOf(holder['taxTotals'])) {
    turn(total['amount'])
    for (const tax of draftsOf(total['taxes'])) {
      turn(tax['amount'])
      turn(tax['taxable'])
    }
  }
}

/** A credit memo whose total is negative, as cXML has it, is turned as a whole; one that came positive stays so. */
const credit: After = (document, node, above) => {
  bill(document, node, above)
  const { totals } = document
  const lines = draftsOf(document['lines'])
  const decisive = isDraft(totals) ? totals['payable'] ?? totals['taxInclusive'] ?? totals['lines'] : lines[0]?.['amount']
  if (!isNegative(decisive)) return
  if (isDraft(totals)) Object.values(totals).forEach(turn)
  turnAll(document)
  for (const line of lines) {
    turn(line['amount'])
    turnAll(line)
    const price = isDraft(line['price']) ? line['price']['amount'] : undefined
    for (const one of [line['quantity'], price]) if (isNegative(one)) turn(one)
  }
}

/** SubtotalAmount is before discounts: with some of them only TotalAmountWithoutTax says what the line comes to. */
const statedNet: After = (line, node) => {
  const { allowancesCharges } = line
  if (draftsOf(allowancesCharges).length > 0 && childrenOf(node, 'TotalAmountWithoutTax').length === 0) delete line['amount']
}

/** The statuses of one ConfirmationItem as a line: what is promised, and what comes of the line. */
const promised: After = (line, node) => {
  const statuses = childrenOf(node, 'ConfirmationStatus')
  const types = new Set(statuses.map((status) => attributeOf(status, 'type') ?? ''))
  const quantities = draftsOf(line['schedule']).flatMap(({ quantity }) => (isDraft(quantity) ? decimalOf(memberOf(quantity, 'value')) ?? [] : []))
  const unit = memberOf(line['quantity'], 'unit')
  delete line['quantity']
  if (quantities.length > 0) line['quantity'] = { value: quantities.reduce(addDecimals, zero), ...(unit === undefined ? {} : { unit }) }
  const status = ['detail', 'allDetail'].some((type) => types.has(type)) ? 'changed' : types.has('accept') ? 'accepted' : types.has('backordered') ? 'backordered' : types.has('reject') ? 'rejected' : undefined
  if (status !== undefined) line['status'] = status
}

export const functions = {
  converters: {
    money, 'price': money, 'negative-money': negativeMoney, billed, negative, 'language-text': languageText, 'comment': languageText, domain, day, 'country-name': countryName,
    'confirmation-type': confirmationType, ...statusConverters, sum, streets, phone,
  },
  after: { finish, cancel, bill, credit, status, 'stated-net': statedNet, promised },
} satisfies MapFunctions
