import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { breakRule } from '../../mappings/engine/description/break-rule.js'
import { isOfProfile } from '../../mappings/engine/description/check-profile.js'
import { loadTranslator } from '../../mappings/engine/translator.js'
import { decodeText } from '../../schemas/decode-text.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const textOf = (file: string): string => must(decodeText(readFileSync(file))).text
const parse = (text: string): Node => must(readXml(text))
const corpus = projectFolder('..', 'shared', 'corpora', 'peppol')
const hasCorpus = existsSync(corpus)

const described = (id: string, name: string) => {
  const format = translator.describedFormat(id)
  const profile = format?.map.description?.parts().profiles.find((one) => one.name === name)
  if (format === undefined || profile === undefined) throw new Error(`no profile ${name}`)
  return { profile, validate: (root: Node): readonly Issue[] => format.map.validate(root, true), order: format.map.shape.childOrder() }
}

const namesOf = (issues: readonly Issue[]): ReadonlySet<string | undefined> => new Set(issues.map(({ rule }) => rule))

/** A change of a document's text, and the rules that are broken beside the one that it is for. */
type ByHand = readonly [change: (xml: string) => string, ...others: readonly string[]]

const replaced = (from: string | RegExp, to: string) => (xml: string): string => {
  const made = xml.replace(from, to)
  if (made === xml) throw new Error(`${String(from)} is not there`)
  return made
}

/** The first electronic address under a scheme whose numbers look otherwise. */
const address = (scheme: string): ByHand => [replaced(/<cbc:EndpointID schemeID="\d+">[^<]*</, `<cbc:EndpointID schemeID="${scheme}">12-3<`)]

const identifiers: Readonly<Record<string, ByHand>> = {
  'PEPPOL-COMMON-R040': address('0088'), 'PEPPOL-COMMON-R041': address('0192'), 'PEPPOL-COMMON-R043': address('0208'), 'PEPPOL-COMMON-R049': address('0007'), 'PEPPOL-COMMON-R050': address('0151'),
}

const emptyAttachment: ByHand = [replaced(/(<cac:AdditionalDocumentReference>)?(<cac:BuyerCustomerParty>|<cac:DocumentResponse>)/, '<cbc:Note> </cbc:Note>$2'), 'order']

const total = (name: string, amount: string) => replaced(new RegExp(`(<cbc:${name} currencyID="[A-Z]+">)[^<]*<`), `$1${amount}<`)

const orderTotals = (profile: string): Readonly<Record<string, ByHand>> => ({
  [`PEPPOL-${profile}-R006`]: [total('PayableAmount', '-1'), `PEPPOL-${profile}-R016`],
  [`PEPPOL-${profile}-R007`]: [total('LineExtensionAmount', '-1'), `PEPPOL-${profile}-R008`, `PEPPOL-${profile}-R011`],
})

const changeCharge = '<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>REASON<cbc:Amount currencyID="EUR">10</cbc:Amount>BASE</cac:AllowanceCharge>'
/** An allowance on the first line of the order change, whose net amount follows. */
const withAllowance = (reason: string, base: string, amount = '10', indicator = 'false') => replaced(/<cac:Price>/, `${changeCharge.replace('REASON', reason).replace('BASE', base).replace('>10<', `>${amount}<`).replace('>false<', `>${indicator}<`)}<cac:Price>`)
const someReason = '<cbc:AllowanceChargeReason>Loyalty</cbc:AllowanceChargeReason>'
const withPriceAllowance = (amount: string, base: string) => replaced(/(<cbc:PriceAmount currencyID="EUR">40<\/cbc:PriceAmount>)/, `$1<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount currencyID="EUR">${amount}</cbc:Amount><cbc:BaseAmount currencyID="EUR">${base}</cbc:BaseAmount></cac:AllowanceCharge>`)

/** Rules that no change of the sample breaks alone, or for which it lacks what they are about. */
const byHand: Readonly<Record<string, Readonly<Record<string, ByHand>>>> = {
  'peppol-order-3': {
    ...identifiers, ...orderTotals('T01'),
    'PEPPOL-T01-R003': [replaced(/(<cbc:TaxAmount currencyID=")NOK/, '$1EUR')],
    'PEPPOL-T01-R027': [replaced(/(<cbc:BaseAmount currencyID="NOK">)60.00/, '$1-60.00'), 'PEPPOL-T01-R019'],
  },
  'peppol-order-change-3': {
    ...identifiers, ...orderTotals('T114'),
    'PEPPOL-T114-R009': [replaced('<cbc:PayableAmount', '<cbc:AllowanceTotalAmount currencyID="EUR">1</cbc:AllowanceTotalAmount><cbc:PayableAmount'), 'PEPPOL-T114-R011'],
    'PEPPOL-T114-R010': [replaced('<cbc:PayableAmount', '<cbc:ChargeTotalAmount currencyID="EUR">1</cbc:ChargeTotalAmount><cbc:PayableAmount'), 'PEPPOL-T114-R011'],
    'PEPPOL-T114-R014': [replaced('<cac:Delivery>', '<cac:OriginatorCustomerParty><cac:Party><cac:Contact><cbc:Name>Julie</cbc:Name></cac:Contact></cac:Party></cac:OriginatorCustomerParty><cac:Delivery>')],
    'PEPPOL-T114-R019': [withPriceAllowance('1', '50')],
    'PEPPOL-T114-R020': [withAllowance(`${someReason}<cbc:MultiplierFactorNumeric>10</cbc:MultiplierFactorNumeric>`, '')],
    'PEPPOL-T114-R021': [withAllowance(someReason, '<cbc:BaseAmount currencyID="EUR">100</cbc:BaseAmount>')],
    'PEPPOL-T114-R022': [withAllowance(`${someReason}<cbc:MultiplierFactorNumeric>20</cbc:MultiplierFactorNumeric>`, '<cbc:BaseAmount currencyID="EUR">100</cbc:BaseAmount>')],
    'PEPPOL-T114-R023': [withAllowance('', '')],
    'PEPPOL-T114-R026': [replaced('<cac:PartyLegalEntity>', '<cac:PartyTaxScheme><cbc:CompanyID>12345678</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity>')],
    'PEPPOL-T114-R027': [withPriceAllowance('1', '-1'), 'PEPPOL-T114-R019'],
    'PEPPOL-T114-R032': [withAllowance(someReason, '', '-10')],
    'PEPPOL-T114-R033': [withPriceAllowance('-1', '39')],
    'PEPPOL-T114-CL001': [withAllowance('<cbc:AllowanceChargeReasonCode>FC</cbc:AllowanceChargeReasonCode>', '')],
    'PEPPOL-T114-CL002': [withAllowance('<cbc:AllowanceChargeReasonCode>95</cbc:AllowanceChargeReasonCode>', '', '10', 'true')],
  },
  'peppol-order-cancellation-3': { ...identifiers, 'PEPPOL-COMMON-R001': emptyAttachment },
  'peppol-order-response-3': {
    ...identifiers,
    'PEPPOL-COMMON-R001': [replaced(/<cbc:Note>Response message[^<]*</, '<cbc:Note> <')],
    'PEPPOL-T76-R001': [replaced(/(<cac:BuyerCustomerParty>[^]*?<\/cbc:EndpointID>)[^]*?(<\/cac:Party>)/, '$1$2')],
    'PEPPOL-T76-R002': [replaced(/(<cac:SellerSupplierParty>[^]*?<\/cbc:EndpointID>)[^]*?(<\/cac:Party>)/, '$1$2')],
  },
  'peppol-order-response-advanced-3': {
    ...identifiers,
    'PEPPOL-COMMON-R001': [replaced(/<cbc:Note>Response message[^<]*</, '<cbc:Note> <')],
    'PEPPOL-T116-R001': [replaced(/(<cac:BuyerCustomerParty>[^]*?<\/cbc:EndpointID>)[^]*?(<\/cac:Party>)/, '$1$2')],
    'PEPPOL-T116-R002': [replaced(/(<cac:SellerSupplierParty>[^]*?<\/cbc:EndpointID>)[^]*?(<\/cac:Party>)/, '$1$2')],
  },
  'peppol-order-agreement-3': {
    ...identifiers,
    'PEPPOL-T110-R004': [replaced(/(<cbc:TaxAmount currencyID=")EUR/, '$1SEK')],
    'PEPPOL-T110-R005': [total('PayableAmount', '-1'), 'PEPPOL-T110-R012'],
    'PEPPOL-T110-R006': [replaced(/(<cac:LegalMonetaryTotal>\s*<cbc:LineExtensionAmount currencyID="EUR">)[^<]*/, '$1-1'), 'PEPPOL-T110-R007', 'PEPPOL-T110-R010'],
    'PEPPOL-T110-R028': [replaced(/(<cac:TaxSubtotal>[^]*?<cac:TaxCategory>\s*<cbc:ID>)S/, '$1E')],
  },
  'peppol-despatch-advice-3': identifiers,
  'peppol-catalogue-3': {
    ...identifiers,
    'PEPPOL-COMMON-R001': [replaced(/<cbc:Name>Spring Catalogue/, '<cbc:Name> ')],
    'PEPPOL-T19-R001': [replaced(/(<cac:ValidityPeriod>\s*<cbc:StartDate>)2018/, '$12020'), 'PEPPOL-T19-R007', 'PEPPOL-T19-R011'],
  },
  'peppol-invoice-response-3': {
    ...identifiers,
    'PEPPOL-T111-R002': [replaced(/>NOA<\/cbc:StatusReasonCode>\s*<cbc:StatusReason>[^<]*<\/cbc:StatusReason>/, '>OTH</cbc:StatusReasonCode>')],
    'PEPPOL-T111-R004': [replaced(/>NOA<\/cbc:StatusReasonCode>\s*<cbc:StatusReason>[^<]*<\/cbc:StatusReason>/, '>PPD</cbc:StatusReasonCode>')],
  },
  'peppol-catalogue-response-3': identifiers,
  'peppol-message-level-response-3': { ...identifiers, 'PEPPOL-COMMON-R001': emptyAttachment },
}

const cases = [
  { id: 'ubl/order', profile: 'peppol-order-3', file: 'Order_Example.xml' },
  { id: 'ubl/order-change', profile: 'peppol-order-change-3', file: 'OrderChange_Example.xml' },
  { id: 'ubl/order-cancellation', profile: 'peppol-order-cancellation-3', file: 'OrderCancellation_Example.xml' },
  { id: 'ubl/order-response', profile: 'peppol-order-response-3', file: 'OrderResponse_Example.xml' },
  { id: 'ubl/order-response', profile: 'peppol-order-response-advanced-3', file: 'OrderResponseAdvanced_Example.xml' },
  { id: 'ubl/order-agreement', profile: 'peppol-order-agreement-3', file: 'OrderAgreement_Example.xml' },
  { id: 'ubl/despatch-advice', profile: 'peppol-despatch-advice-3', file: 'DespatchAdvice_Example.xml' },
  { id: 'ubl/catalogue', profile: 'peppol-catalogue-3', file: 'Catalogue_Example.xml' },
  { id: 'ubl/application-response', profile: 'peppol-invoice-response-3', file: 'InvoiceResponse_Example.xml' },
  { id: 'ubl/catalogue-response', profile: 'peppol-catalogue-response-3', file: 'CatalogueResponse_Example.xml' },
  { id: 'ubl/message-level-response', profile: 'peppol-message-level-response-3', file: 'MessageLevelResponse_Example.xml' },
]

describe.skipIf(!hasCorpus).each(cases)('the profile $profile', ({ id, profile: name, file }) => {
  it('is kept to by Peppol\'s example', () => {
    const { profile, validate } = described(id, name)
    const valid = parse(textOf(join(corpus, file)))
    expect(isOfProfile(profile, valid)).toBe(true)
    expect(validate(valid)).toEqual([])
  })

  it('has rules that each a document breaks, and says so with the rule\'s name in two languages', () => {
    const { profile, validate, order } = described(id, name)
    const text = textOf(join(corpus, file))
    const valid = parse(text)
    const hands = byHand[name] ?? {}
    for (const rule of profile.rules) {
      const hand = hands[rule.name]
      const broken = hand === undefined ? breakRule(profile, rule, valid, { order, validate }) : parse(hand[0](text))
      if (broken === undefined) throw new Error(`No change of ${file} breaks ${rule.name} alone.`)
      const issues = translator.read(id, broken).issues.filter((issue) => issue.rule !== undefined)
      expect(namesOf(issues), rule.name).toEqual(new Set([rule.name, ...hand?.slice(1) ?? []]))
      expect(issues.find((issue) => issue.rule === rule.name), rule.name).toMatchObject({ code: 'rule-violated', fix: { en: rule.says, zh: rule.zh } })
      expect(rule.zh, rule.name).toMatch(/\p{Script=Han}/u)
    }
    expect(Object.keys(hands).filter((one) => !profile.rules.some((rule) => rule.name === one))).toEqual([])
  }, 300_000)
})

describe('what a document says that it keeps to', () => {
  const said = (id: string, name: string, root: string, specification: string): boolean =>
    isOfProfile(described(id, name).profile, parse(`<${root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:${root}-2"><c:CustomizationID xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">${specification}</c:CustomizationID></${root}>`))
  const billing = 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0'
  const order = 'urn:fdc:peppol.eu:poacc:trns:order:3'

  it.each([
    ['Billing itself', billing, true],
    ['what Italy restricts it to', `${billing}#compliant#urn:www.agid.gov.it:trns:fattura:3`, true],
    ['Norway\'s reminder, which extends it', `${billing}#conformant#urn:fdc:anskaffelser.no:2019:ehf:reminder:3.0`, false],
    ['Poland\'s extension', `${billing}#extended#urn:fdc:www.efaktura.gov.pl:ver1.0`, false],
    ['self-billing', 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0', false],
    ['Billing 3.01, if ever', `${billing}1`, false],
    ['the European standard alone', 'urn:cen.eu:en16931:2017', false],
  ])('is the profile of an invoice: %s', (_what, specification, expected) => {
    expect(said('ubl/invoice', 'peppol-billing-3', 'Invoice', specification)).toBe(expected)
  })
  it.each([
    ['the order itself', order, true],
    ['what Italy restricts it to', `${order}:restrictive:urn:www.agid.gov.it:trns:ordine:3.1`, true],
    ['Norway\'s extension', `${order}:extended:urn:fdc:anskaffelser.no:2019:ehf:spec:3.0`, false],
    ['a version 30', `${order}0`, false],
  ])('is the profile of an order: %s', (_what, specification, expected) => {
    expect(said('ubl/order', 'peppol-order-3', 'Order', specification)).toBe(expected)
  })
  it('is one profile at most, of two answers whose names begin alike', () => {
    const advanced = 'urn:fdc:peppol.eu:poacc:trns:order_response_advanced:3'
    expect(said('ubl/order-response', 'peppol-order-response-3', 'OrderResponse', advanced)).toBe(false)
    expect(said('ubl/order-response', 'peppol-order-response-advanced-3', 'OrderResponse', advanced)).toBe(true)
  })
})

describe.skipIf(!hasCorpus)('Peppol\'s own examples', () => {
  it('keep to their profiles, without a warning', () => {
    const counts: Record<string, number> = {}
    const found: Record<string, readonly string[]> = {}
    for (const name of readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.xml'))) {
      const root = parse(textOf(join(corpus, name)))
      const format = translator.recognise(root, ['ubl'])
      if (!format.ok) continue
      const profiles = translator.describedFormat(format.value.id)?.map.description?.parts().profiles ?? []
      for (const profile of profiles.filter((one) => one.of.includes(format.value.id) && isOfProfile(one, root))) counts[profile.name] = (counts[profile.name] ?? 0) + 1
      const issues = translator.read(format.value.id, root).issues.filter(({ rule }) => rule !== undefined)
      if (issues.length > 0) found[name] = issues.map(({ rule, severity, at }) => `${severity ?? 'error'} ${rule ?? ''} ${at}`)
    }
    expect(found).toEqual({})
    expect(counts).toEqual({
      'peppol-order-3': 8, 'peppol-order-change-3': 4, 'peppol-order-cancellation-3': 5, 'peppol-order-response-3': 6, 'peppol-order-response-advanced-3': 6, 'peppol-order-agreement-3': 1,
      'peppol-despatch-advice-3': 6, 'peppol-catalogue-3': 6, 'peppol-catalogue-response-3': 1, 'peppol-invoice-response-3': 14, 'peppol-message-level-response-3': 1,
    })
  })
})

if (!hasCorpus) console.warn('The corpora are not here: Peppol\'s examples were not tried.')
