import { isBusinessDate } from '../../schemas/business-date.js'
import { compareDecimals, parseDecimal, subtractDecimals, zero, type Decimal } from '../../schemas/decimal.js'
import type { Node } from '../../schemas/node.js'
import { textConverter, type After, type Converter, type MapFunctions, type Report } from '../engine/converter.js'
import { segments } from './segments.js'
import { textLines } from './text-lines.js'

/** SAP's sign for "not sent" in master data. */
const noData = '/'

/** Whether a field has SAP's initial value, which means that nothing is there: zeros in dates, times and padded numbers. */
const isInitial = (text: string): boolean => /^0*$/.test(text) || text === noData

/** SAP writes the minus behind: `10.500-`. */
const decimalOf = (text: string): ReturnType<typeof parseDecimal> => parseDecimal(text.endsWith('-') ? `-${text.slice(0, -1).trimEnd()}` : text)

const sapDecimal = textConverter(
  (text, report) => {
    if (text === noData) return undefined
    const decimal = decimalOf(text)
    return decimal.ok ? decimal.value : report('value-invalid', decimal.detail)
  },
  (value) => value.startsWith('-') ? `${value.slice(1)}-` : value,
)

/** PEINH: zero is its initial value, which prices one. */
const priceUnit = textConverter(
  (text, report) => {
    const decimal = decimalOf(text)
    if (!decimal.ok) return report('value-invalid', decimal.detail)
    return decimal.value === zero ? undefined : decimal.value
  },
)

const sapDate = textConverter(
  (text, report) => {
    if (isInitial(text)) return undefined
    const date = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
    return /^\d{8}$/.test(text) && isBusinessDate(date) ? date : report('value-invalid', `'${text.slice(0, 40)}' is not a date; write it like 20260331.`)
  },
  (value) => value.replaceAll('-', ''),
)

/** Midnight is the initial value of a time as well, and taken for none. */
const sapTime: Converter = {
  takes: {},
  read: (text, _node, report: Report) => {
    if (isInitial(text)) return undefined
    const [, hours = '', minutes = '', seconds = ''] = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/.exec(text) ?? []
    return hours === '' ? report('value-invalid', `'${text.slice(0, 40)}' is not a time of day; write it like 130500.`) : { time: `${hours}:${minutes}:${seconds}` }
  },
  write: (value) => {
    const time = textOf(value, 'time')
    return time === undefined ? undefined : { text: time.slice(0, 8).replaceAll(':', '') }
  },
}

const textOf = (value: unknown, name: string): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const held: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof held === 'string' ? held : undefined
}

const unlessInitial = textConverter((text) => (isInitial(text) ? undefined : text))

const days = textConverter((text) => (/^\d{1,5}$/.test(text) ? text : undefined))

const sapLanguage = textConverter((text) => (/^[A-Za-z]{2}$/.test(text) ? text.toLowerCase() : undefined), (value) => value.slice(0, 2).toUpperCase())

/** EXIDV has 20 characters: the application identifier 00, or padding, before the 18 digits of an SSCC. */
const sscc = textConverter((text) => /^(?:00)?(\d{18})$/.exec(text)?.[1], (value) => (/^\d{18}$/.test(value) ? `00${value}` : value))

/** Says of an item that goes the other way that it does. */
const returnSign: Converter = { takes: {}, read: () => undefined, write: () => ({ text: 'X' }) }

type Item = Record<string, unknown>

const isItem = (value: unknown): value is Item => typeof value === 'object' && value !== null && !Array.isArray(value)

const fieldOf = (node: Node, name: string): string | undefined => {
  const text = node.children.find((child) => child.name === name)?.text.trim()
  return text === '' ? undefined : text
}

const segmentOf = (node: Node, name: string, field: string, value: string): Node | undefined => node.children.find((child) => child.name === name && fieldOf(child, field) === value)

/** Keeps SAP's own word for a unit where it is not the code of Recommendation 20. */
const keepUnit = (quantity: unknown, sent: string | undefined): void => {
  if (isItem(quantity) && sent !== undefined && quantity['unit'] !== undefined && quantity['unit'] !== sent) quantity['unitAsSent'] = sent
}

/** A price's base of which only the unit is said is one of it: PEINH is 1 unless it says otherwise. */
const completePrice = (price: unknown, unit: string | undefined, base: Decimal | undefined): void => {
  if (!isItem(price) || !isItem(price['amount'])) return
  const { baseQuantity } = price
  if (isItem(baseQuantity)) {
    baseQuantity['value'] ??= base ?? '1'
    keepUnit(baseQuantity, unit)
  } else if (base !== undefined) price['baseQuantity'] = { value: base }
}

/** An order that only its sales order number names is named by the seller's number. */
const sellersOrder = (item: Item, isSellers: boolean): void => {
  const references: unknown = item['references']
  if (!isSellers || !Array.isArray(references)) return
  for (const reference of references as readonly unknown[]) if (isItem(reference) && reference['kind'] === 'order') reference['issuer'] = { role: 'seller' }
}

const orderLine: After = (item, node) => {
  keepUnit(item['quantity'], fieldOf(node, 'MENEE'))
  completePrice(item['price'], fieldOf(node, 'PMENE'), undefined)
  sellersOrder(item, segmentOf(node, 'E1EDP02', 'QUALF', '001') === undefined)
}

const invoiceLine: After = (item, node) => {
  const price = isItem(item['price']) ? item['price'] : {}
  const rate = node.children.find((child) => child.name === 'E1EDP05' && isPriceOf(child, textOf(price['amount'], 'value')))
  const base = decimalOf((rate === undefined ? undefined : fieldOf(rate, 'UPRBS')) ?? '1')
  keepUnit(item['quantity'], fieldOf(node, 'MENEE'))
  completePrice(price, fieldOf(node, 'PMENE'), base.ok && compareDecimals(base.value, '1' as Decimal) > 0 ? base.value : undefined)
  sellersOrder(item, segmentOf(node, 'E1EDP02', 'QUALF', '001') === undefined)
}

/** A condition that is a rate for a quantity, as a price is. */
const isPriceOf = (condition: Node, price: string | undefined): boolean => {
  const rate = decimalOf(fieldOf(condition, 'KRATE') ?? '')
  return fieldOf(condition, 'ALCKZ') === '+' && fieldOf(condition, 'KPERC') === undefined && rate.ok && (price === undefined || rate.value === price)
}

/** The unit price that an item states. */
const unitPriceOf = (item: Node | undefined): string | undefined => {
  if (item === undefined) return undefined
  const gross = segmentOf(item, 'E1EDP26', 'QUALF', '001')
  const text = (gross === undefined ? undefined : fieldOf(gross, 'BETRG')) ?? fieldOf(item, 'VPREI')
  const price = text === undefined ? undefined : decimalOf(text)
  return price?.ok === true ? price.value : undefined
}

const unsigned = (text: unknown): unknown => (typeof text === 'string' && text.startsWith('-') ? text.slice(1) : text)

/** The sign stands in ALCKZ, and behind the numbers once more: 10.500- is an allowance of 10.5 %. */
const condition: After = (item, node, above) => {
  const percent = fieldOf(node, 'KPERC')
  const isSubtotal = percent === undefined && fieldOf(node, 'KSCHL') === undefined
  const isPrice = above?.name === 'E1EDP01' && fieldOf(node, 'MEAUN') !== undefined && isPriceOf(node, unitPriceOf(above))
  if (isSubtotal || isPrice) {
    delete item['type']
    return
  }
  if (item['type'] !== 'allowance') return
  if (item['percent'] !== undefined) item['percent'] = unsigned(item['percent'])
  const { amount } = item
  if (isItem(amount)) amount['value'] = unsigned(amount['value'])
}

const bank: After = (item, node) => {
  if (isItem(item['account']) && fieldOf(node, 'BIBAN') !== undefined) item['account']['scheme'] = 'IBAN'
}

const deliveryLine: After = (item, node) => {
  const unit = fieldOf(node, 'VRKME') ?? fieldOf(node, 'MEINS')
  keepUnit(item['quantity'], unit)
  keepUnit(item['returned'], unit)
  // VGBEL is a sales order's number unless its kind (VBTYP) is V, a purchase order.
  const isPurchase = segmentOf(node, 'E1EDL43', 'QUALF', 'V') !== undefined
  sellersOrder(item, !isPurchase && segmentOf(node, 'E1EDL41', 'QUALI', '001') === undefined)
}

const handlingUnit: After = (item, node) => {
  keepUnit(item['grossWeight'], fieldOf(node, 'GEWEI'))
  keepUnit(item['volume'], fieldOf(node, 'VOLEH'))
}

const content: After = (item, node) => { keepUnit(item['quantity'], fieldOf(node, 'VEMEH')) }

/** SAP keeps the 13 digits of a GLN in three fields. */
const debtor: After = (item, node) => {
  const party = item['party']
  const segment = node.children[0]?.children.find(({ name }) => name === 'E1KNA1M')
  if (!isItem(party) || segment === undefined) return
  item['roles'] = ['customer']
  const gln = ['BBBNR', 'BBSNR', 'BUBKZ'].map((name) => fieldOf(segment, name) ?? '').join('')
  if (!/^\d{13}$/.test(gln) || /^0+$/.test(gln)) return
  const held: unknown = party['identifiers']
  party['identifiers'] = [...(Array.isArray(held) ? held as readonly unknown[] : []), { scheme: 'gln', value: gln }]
}

/** First and last name stand in two fields; a Chinese name has the family's first and no space. */
const personName: Converter = {
  takes: {},
  takesChildren: ['NAMEV', 'NAME1'],
  read: (_text, node) => {
    const [first = '', last = ''] = ['NAMEV', 'NAME1'].map((field) => fieldOf(node, field)).map((text) => (text === noData ? undefined : text))
    const name = /\p{Script=Han}/u.test(last) ? `${last}${first}` : `${first} ${last}`.trim()
    return name === '' ? undefined : name
  },
  write: (value) => (typeof value === 'string' ? { children: [{ name: 'NAME1', namespace: '', written: { text: value } }] } : undefined),
}

/** Every amount and quantity with the other sign, wherever it stands. */
const turn = (value: unknown): void => {
  if (Array.isArray(value)) value.forEach(turn)
  else if (isItem(value)) {
    const { value: number, currency } = value
    if (typeof number === 'string' && typeof currency === 'string') value['value'] = subtractDecimals(zero, number as Decimal)
    else for (const held of Object.values(value)) turn(held)
  }
}

/** A credit note reduces by its kind. One whose sums stand below zero says so twice: its amounts are turned. */
const creditSigns: After = (item) => {
  const totals = item['totals']
  const sum = isItem(totals) ? textOf(totals['payable'], 'value') ?? textOf(totals['taxExclusive'], 'value') : undefined
  if (sum?.startsWith('-') !== true) return
  for (const name of ['totals', 'taxTotals']) turn(item[name])
  const lines: unknown = item['lines']
  for (const line of Array.isArray(lines) ? lines as readonly unknown[] : []) if (isItem(line)) turn(line['amount'])
}

export const functions = {
  converters: {
    'sap-decimal': sapDecimal, 'price-unit': priceUnit, 'sap-date': sapDate, 'sap-time': sapTime, 'house-number': unlessInitial, 'days': days,
    'sap-language': sapLanguage, 'sscc': sscc, 'return-sign': returnSign, 'text-lines': textLines, 'person-name': personName, 'known': textConverter((text) => (text === noData ? undefined : text)),
  },
  after: {
    'order-line': orderLine, 'invoice-line': invoiceLine, 'condition': condition, 'bank': bank, 'delivery-line': deliveryLine, 'handling-unit': handlingUnit, 'content': content, 'debtor': debtor, 'credit-signs': creditSigns,
  },
  finish: { segments },
} satisfies MapFunctions
