import { describe, expect, it } from 'vitest'
import { rules } from '../../../mappings/ubl/rules.js'
import { readXml } from '../../../schemas/xml-reader.js'

const saidOf = (xml: string): string | undefined => {
  const root = readXml(xml)
  if (!root.ok) throw new Error(root.detail)
  return rules['line-net']?.(root.value, root.value)
}

describe('the net amount of a line', () => {
  it.each(['InvoicedQuantity', 'CreditedQuantity', 'Quantity'])('is the quantity in %s times the price per base quantity, plus charges, less allowances', (quantity) => {
    const line = (net: string): string => `<Line><${quantity}>30</${quantity}><LineExtensionAmount>${net}</LineExtensionAmount><AllowanceCharge><ChargeIndicator>false</ChargeIndicator><Amount>1</Amount></AllowanceCharge><Price><PriceAmount>250</PriceAmount><BaseQuantity>100</BaseQuantity></Price></Line>`
    expect(saidOf(line('74.00'))).toBeUndefined()
    expect(saidOf(line('74.02'))).toBeUndefined()
    expect(saidOf(line('74.03'))).toBe('cbc:LineExtensionAmount is 74.03, expected 74')
  })
})
