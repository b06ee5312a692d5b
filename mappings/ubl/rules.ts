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

/** Charges less allowances. */
const chargesOf = (node: Node, of: (charge: Node) => boolean = () => true): Decimal => sumDecimals(childrenAt(node, 'AllowanceCharge').filter(of).map((charge) => {
  const amount = numberAt(charge, 'Amount') ?? zero
  return charge.children.some(({ name, text }) => name === 'ChargeIndicator' && text.trim() === 'true') ? amount : negateDecimal(amount)
}))

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

const sameRate = (a: string | undefined, b: string | undefined): boolean => (decimalOf(a) ?? zero) === (decimalOf(b) ?? zero)

/** BR-S-08 and its like: what lines, allowances and charges of a category and rate come to; the rules let one unit differ. */
const taxableAmount: RuleFunction = (subtotal, root) => {
  const [category] = childrenAt(subtotal, 'TaxCategory')
  const taxable = numberAt(subtotal, 'TaxableAmount')
  if (category === undefined || taxable === undefined) return undefined
  const isSame = (node: Node | undefined): boolean => node !== undefined && childText(node, 'ID') === childText(category, 'ID') && sameRate(childText(node, 'Percent'), childText(category, 'Percent'))
  const lines = linesOf(root).filter((line) => isSame(childrenAt(childrenAt(line, 'Item')[0] ?? line, 'ClassifiedTaxCategory')[0]))
  const expected = addDecimals(sumDecimals(lines.map((line) => numberAt(line, 'LineExtensionAmount') ?? zero)), chargesOf(root, (charge) => isSame(childrenAt(charge, 'TaxCategory')[0])))
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
