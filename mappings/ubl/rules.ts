import { addDecimals, compareDecimals, divideDecimals, multiplyDecimals, negateDecimal, parseDecimal, subtractDecimals, sumDecimals, zero, type Decimal } from '../../schemas/decimal.js'
import type { Node } from '../../schemas/node.js'
import type { RuleFunction } from '../engine/description/rule-tests.js'

const decimalOf = (text: string | undefined): Decimal | undefined => {
  const decimal = text === undefined ? undefined : parseDecimal(text)
  return decimal?.ok === true ? decimal.value : undefined
}

const numberAt = (node: Node, ...path: readonly string[]): Decimal | undefined => {
  let held: Node | undefined = node
  for (const name of path) held = held?.children.find((child) => child.name === name)
  return held === undefined ? undefined : decimalOf(held.text.trim())
}

const childrenAt = (node: Node, name: string): readonly Node[] => node.children.filter((child) => child.name === name)

const linesOf = (root: Node): readonly Node[] => [...childrenAt(root, 'InvoiceLine'), ...childrenAt(root, 'CreditNoteLine')]

/** Of an allowance below zero. */
const chargeOf = (charge: Node): Decimal => {
  const amount = numberAt(charge, 'Amount') ?? zero
  return charge.children.some(({ name, text }) => name === 'ChargeIndicator' && text.trim() === 'true') ? amount : negateDecimal(amount)
}

/** Charges less allowances. */
const chargesOf = (node: Node): Decimal => sumDecimals(childrenAt(node, 'AllowanceCharge').map(chargeOf))

const distance = (a: Decimal, b: Decimal): Decimal => {
  const difference = subtractDecimals(a, b)
  return compareDecimals(difference, zero) < 0 ? negateDecimal(difference) : difference
}

/** PEPPOL-EN16931-R120, which lets the cents differ by two; of a line of an order, which says its quantity in cbc:Quantity, likewise. */
const lineNet: RuleFunction = (line) => {
  const quantity = numberAt(line, 'InvoicedQuantity') ?? numberAt(line, 'CreditedQuantity') ?? numberAt(line, 'Quantity')
  const price = numberAt(line, 'Price', 'PriceAmount')
  const base = numberAt(line, 'Price', 'BaseQuantity') ?? ('1' as Decimal)
  const net = numberAt(line, 'LineExtensionAmount')
  if (quantity === undefined || price === undefined || net === undefined || base === zero) return undefined
  const expected = addDecimals(divideDecimals(multiplyDecimals(quantity, price), base, 2), chargesOf(line))
  return compareDecimals(distance(net, expected), '0.02' as Decimal) <= 0 ? undefined : `cbc:LineExtensionAmount is ${net}, expected ${expected}`
}

const childText = (node: Node | undefined, name: string): string | undefined => node?.children.find((child) => child.name === name)?.text.trim()

/** A tax category and its rate; no rate is zero. */
const categoryOf = (node: Node | undefined): string => `${childText(node, 'ID') ?? ''} ${decimalOf(childText(node, 'Percent')) ?? zero}`

/** Of an invoice, what lines, allowances and charges of each category and rate come to: added up once, however many subtotals there are. */
const taxableAmounts = new WeakMap<Node, ReadonlyMap<string, Decimal>>()

const addUp = (root: Node): ReadonlyMap<string, Decimal> => {
  const amounts = new Map<string, Decimal[]>()
  const add = (category: Node | undefined, amount: Decimal): void => {
    if (category === undefined) return
    const key = categoryOf(category)
    const known = amounts.get(key)
    if (known === undefined) amounts.set(key, [amount])
    else known.push(amount)
  }
  for (const line of linesOf(root)) add(childrenAt(childrenAt(line, 'Item')[0] ?? line, 'ClassifiedTaxCategory')[0], numberAt(line, 'LineExtensionAmount') ?? zero)
  for (const charge of childrenAt(root, 'AllowanceCharge')) add(childrenAt(charge, 'TaxCategory')[0], chargeOf(charge))
  return new Map([...amounts].map(([key, some]) => [key, sumDecimals(some)]))
}

/** BR-S-08 and its like: what lines, allowances and charges of a category and rate come to; the rules let one unit differ. */
const taxableAmount: RuleFunction = (subtotal, root) => {
  const [category] = childrenAt(subtotal, 'TaxCategory')
  const taxable = numberAt(subtotal, 'TaxableAmount')
  if (category === undefined || taxable === undefined) return undefined
  const amounts = taxableAmounts.get(root) ?? addUp(root)
  taxableAmounts.set(root, amounts)
  const expected = amounts.get(categoryOf(category)) ?? zero
  return compareDecimals(distance(taxable, expected), '1' as Decimal) <= 0 ? undefined : `cbc:TaxableAmount is ${taxable}, expected ${expected}`
}

/** PEPPOL-EN16931-R051 */
const oneCurrency: RuleFunction = (root) => {
  const currency = childText(root, 'DocumentCurrencyCode')
  const taxCurrency = childText(root, 'TaxCurrencyCode')
  const find = (node: Node, inTaxTotal: boolean): string | undefined => {
    const other = node.attributes.find(({ name }) => name === 'currencyID')?.value
    if (other !== undefined && other !== currency && !(inTaxTotal && other === taxCurrency)) return `${node.name} is in ${other}`
    for (const child of node.children) {
      const found = find(child, inTaxTotal || child.name === 'TaxTotal')
      if (found !== undefined) return found
    }
    return undefined
  }
  return currency === undefined ? undefined : find(root, false)
}

/** PEPPOL-EN16931-R008 */
const noEmptyElements: RuleFunction = (root) => {
  for (const child of root.children) {
    if (child.children.length === 0 && child.text.trim() === '') return `${child.name} is empty`
    const found = noEmptyElements(child, root)
    if (found !== undefined) return found
  }
  return undefined
}

/** What the profiles of this folder name by `function`. */
export const rules: Readonly<Record<string, RuleFunction>> = { 'line-net': lineNet, 'taxable-amount': taxableAmount, 'one-currency': oneCurrency, 'no-empty-elements': noEmptyElements }
