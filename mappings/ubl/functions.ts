import { createHash } from 'node:crypto'
import { compareDecimals, divideDecimals, multiplyDecimals, parseDecimal, type Decimal } from '../../schemas/decimal.js'
import { canonicalScheme } from '../../schemas/identifier-scheme.js'
import type { Node } from '../../schemas/node.js'
import { amountWith, attributeOf, memberOf } from '../engine/amounts.js'
import { textConverter, type After, type Converter, type MapFunctions } from '../engine/converter.js'
import { rules } from './rules.js'

/** `<cbc:PayableAmount currencyID="EUR">12.50</…>`: CCTS AmountType, whose currencyID is required in UBL. */
const amount = amountWith('currencyID')

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

const schemas = 'urn:oasis:names:specification:ubl:schema:xsd:'
const namespaceOf = (schema: string): string => `${schemas}${schema}-2`
const [aggregates, basics, extensions] = ['CommonAggregateComponents', 'CommonBasicComponents', 'CommonExtensionComponents'].map(namespaceOf)

const isExtension = (name: string): boolean => /^(?:UBLExtensions?|Extension[A-Z]\w*)$/.test(name)

/** What has a value of its own is basic, what has members is an aggregate: six names are of both. */
const elementOf = (node: Node, zoned: boolean): Node => {
  const { name, kind, children } = node
  const members = children.filter((member) => member.name !== '_' && !isAttribute(member))
  const value = kind === 'object' ? children.find((member) => member.name === '_') : node
  const { line, column } = value ?? node
  const attributes = children.filter(isAttribute).map((member) => ({ name: member.name, namespace: '', value: member.text }))
  const namespace = isExtension(name) ? extensions : value === undefined ? aggregates : basics
  return { name, namespace: namespace ?? '', attributes, children: members.filter(isThere).map((member) => elementOf(member, zoned)), text: withoutZone(name, value?.text ?? '', zoned), kind: 'element', line, column }
}

/**
 * A day has no zone. OASIS's converter gives one to days and to times that have none (`12:30:00Z`, `12:00:01.000Z`); the times of UTC in its examples are written
 * `12:30:00.0Z`, and stay.
 */
const withoutZone = (name: string, text: string, zoned: boolean): string =>
  (name.endsWith('Date') && text.endsWith('Z')) || (zoned && name.endsWith('Time') && /^\d\d:\d\d:\d\d(?:\.\d{3})?Z$/.test(text)) ? text.slice(0, -1) : text

const isZoned = (document: Node): boolean =>
  document.children.some(({ name, text, children }) => name === 'IssueDate' && (text.endsWith('Z') || children.some((value) => value.name === '_' && value.text.endsWith('Z'))))

const isThere = ({ kind, name }: Node): boolean => kind !== 'null' && kind !== 'array' && !name.startsWith('_')

/** Attributes begin with a small letter, elements with a capital. */
const isAttribute = ({ name, kind }: Node): boolean => /^[a-z]/.test(name) && kind !== 'object' && kind !== 'array'

/**
 * OASIS UBL 2.1 JSON Alternative Representation 2.0: `{"_D": namespace, "_A": …, "_B": …, "Order": [{"ID": [{"_": "7"}], …}]}`. The root's name says which
 * document it is: `_D` is wrong or empty in some that OASIS's converter made of XML with prefixes, so that only a namespace of others is believed.
 */
const readJsonForm = (root: Node): Node | undefined => {
  const said = root.children.find(({ name }) => name === '_D')
  const [document, second] = root.children.filter(({ name }) => !name.startsWith('_'))
  if (said === undefined || document?.kind !== 'object' || second !== undefined) return undefined
  const namespace = said.text === '' || said.text.startsWith(schemas) ? namespaceOf(document.name) : said.text
  return { ...elementOf(document, isZoned(document)), namespace }
}

const jsonNode = (name: string, kind: Node['kind'], text: string, children: readonly Node[], listed: boolean): Node => {
  const node = { name, namespace: '', attributes: [], children, text, kind, line: 0, column: 0 }
  return listed ? { ...node, listed } : node
}

/** By the representation term that ends a basic component's name (CCTS): the JSON schemas have numbers and booleans there. */
const valueKind = (name: string, text: string): Node['kind'] => {
  if (/Indicator$/.test(name)) return /^(?:true|false)$/.test(text) ? 'boolean' : 'string'
  return /(?:Amount|Quantity|Measure|Numeric|Percent|Rate)$/.test(name) && parseDecimal(text).ok ? 'number' : 'string'
}

const writeJsonForm = ({ name, attributes, children, text, namespace }: Node, isRoot = true): Node => {
  const byName = [...new Set(children.map((child) => child.name))].flatMap((one) => children.filter((child) => child.name === one))
  const value = children.length === 0 && !isRoot ? [jsonNode('_', valueKind(name, text), text, [], false)] : []
  const members = [...value, ...attributes.map((attribute) => jsonNode(attribute.name, 'string', attribute.value, [], false)), ...byName.map((child) => writeJsonForm(child, false))]
  const element = jsonNode(name, 'object', '', members, true)
  return isRoot ? jsonNode('', 'object', '', [['_D', namespace], ['_A', aggregates], ['_B', basics]].map(([key = '', uri = '']) => jsonNode(key, 'string', uri, [], false)).concat(element), false) : element
}

export const functions = {
  bindings: { ubl: { read: readJsonForm, write: (root) => writeJsonForm(root) } },
  converters: { amount, quantity, 'language-text': languageText, identifier, gtin, 'tax-scheme': taxScheme, embedded, sscc },
  after: { 'percent-of-factor': percentOfFactor },
  rules,
} satisfies MapFunctions
