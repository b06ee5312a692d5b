import type { Node } from '../../schemas/node.js'
import { textConverter, type Converter, type MapFunctions } from '../engine/converter.js'

const textOf = (node: Node, name: string): string => node.children.find((child) => child.name === name)?.text.trim() ?? ''

const child = (name: string, text: string) => ({ name, namespace: '', written: { text } })

const two = (number: number): string => String(number).padStart(2, '0')

/** The places of a segment that come in pairs, a qualifier and what it qualifies. */
const pairsOf = (tag: string, first: number, count: number): readonly (readonly [string, string])[] => Array.from({ length: count }, (_, index) => [`${tag}${two(first + 2 * index)}`, `${tag}${two(first + 2 * index + 1)}`] as const)

const productPairs = pairsOf('PO1', 6, 10)

/** Data element 235: whose number of an article it is. What stands for GTIN says how many digits it has. */
const productKinds: Readonly<Record<string, 'gtin' | 'buyers' | 'sellers' | 'makers'>> = { UP: 'gtin', EN: 'gtin', UK: 'gtin', EO: 'gtin', BP: 'buyers', IN: 'buyers', VN: 'sellers', VP: 'sellers', MG: 'makers' }

const gtinQualifiers: Readonly<Record<number, string>> = { 8: 'EO', 12: 'UP', 13: 'EN', 14: 'UK' }

const fieldsOfItem = ['gtin', 'buyers', 'sellers', 'makers'] as const

/** PO106 to PO125. The first number of a kind is the article's, further ones and those of other kinds are identifiers with their qualifier as scheme. */
const productIds: Converter = {
  takes: {},
  takesChildren: productPairs.flat(),
  read: (_text, node) => {
    const found = new Map<string, string>()
    const others: { readonly scheme: string, readonly value: string }[] = []
    for (const [qualifier, name] of productPairs) {
      const [scheme, value] = [textOf(node, qualifier), textOf(node, name)]
      if (value === '') continue
      const kind = productKinds[scheme]
      if (kind === undefined || found.has(kind)) others.push({ scheme: scheme === '' ? 'ZZ' : scheme, value })
      else found.set(kind, value)
    }
    return [...fieldsOfItem.map((kind) => found.get(kind)), others.length === 0 ? undefined : others]
  },
  write: (value, refuse) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : []
    const [gtin, buyers, sellers, makers, held] = values
    const others: readonly unknown[] = Array.isArray(held) ? held : []
    const said = [['gtin', gtin], ['BP', buyers], ['VN', sellers], ['MG', makers], ...others.map(pairOf)].flatMap(([scheme, text]): readonly (readonly [string, string])[] =>
      (typeof text === 'string' && typeof scheme === 'string' ? [[scheme === 'gtin' ? gtinQualifiers[text.length] ?? 'UK' : scheme, text]] : []))
    if (said.length > productPairs.length) refuse(`An article of a PO1 has a place for ${productPairs.length} numbers; there are ${said.length}.`)
    return said.length === 0 ? undefined : { children: said.slice(0, productPairs.length).flatMap(([scheme, text], index) => {
      const [qualifier = '', name = ''] = productPairs[index] ?? []
      return [child(qualifier, scheme), child(name, text)]
    }) }
  },
}

const pairOf = (identifier: unknown): readonly [unknown, unknown] =>
  (typeof identifier === 'object' && identifier !== null && 'value' in identifier && 'scheme' in identifier ? [identifier.scheme, identifier.value] : [undefined, undefined])

/** Data element 66: who gave the number of a party. */
const partyKinds: Readonly<Record<string, { readonly scheme?: string, readonly assigner?: string }>> = { 'UL': { scheme: 'gln' }, '1': { scheme: 'duns' }, '91': { assigner: 'seller' }, '92': { assigner: 'buyer' } }

const isOf = (identifier: unknown, kind: { readonly scheme?: string, readonly assigner?: string }): boolean =>
  typeof identifier === 'object' && identifier !== null && (Object.entries(identifier) as readonly [string, unknown][]).every(([name, value]) => name === 'value' || Object.entries(kind).some(([key, wanted]) => key === name && wanted === value))

/** N103 and N104. N1 has a place for one number: the first that a qualifier of X12 says; others keep their scheme as the qualifier. */
const partyIds: Converter = {
  takes: {},
  takesChildren: ['N103', 'N104'],
  read: (_text, node) => {
    const [qualifier, value] = [textOf(node, 'N103'), textOf(node, 'N104')]
    return value === '' ? undefined : [{ ...partyKinds[qualifier] ?? (qualifier === '' ? {} : { scheme: qualifier }), value }]
  },
  write: (value) => {
    const identifiers: readonly unknown[] = Array.isArray(value) ? value : []
    for (const [qualifier, kind] of Object.entries(partyKinds)) {
      const found = identifiers.find((one) => isOf(one, kind) && Object.keys(kind).every((name) => typeof one === 'object' && one !== null && name in one))
      const text = valueOf(found)
      if (text !== undefined) return { children: [child('N103', qualifier), child('N104', text)] }
    }
    const [scheme, text] = pairOf(identifiers.find((one) => typeof pairOf(one)[0] === 'string' && String(pairOf(one)[0]).length <= 2))
    return typeof scheme === 'string' && typeof text === 'string' ? { children: [child('N103', scheme), child('N104', text)] } : undefined
  },
}

const valueOf = (identifier: unknown): string | undefined => (typeof identifier === 'object' && identifier !== null && 'value' in identifier && typeof identifier.value === 'string' ? identifier.value : undefined)

const numberPairs = pairsOf('PER', 3, 3)
const numberKinds = ['TE', 'FX', 'EM'] as const

/** Telephone, fax and e-mail in the pairs of PER; the first of each kind. */
const numbers: Converter = {
  takes: {},
  takesChildren: numberPairs.flat(),
  read: (_text, node) => numberKinds.map((kind) => {
    const pair = numberPairs.find(([qualifier]) => textOf(node, qualifier) === kind)
    const text = pair === undefined ? '' : textOf(node, pair[1])
    return text === '' ? undefined : text
  }),
  write: (value) => {
    const texts: readonly unknown[] = Array.isArray(value) ? value : []
    const said = numberKinds.flatMap((kind, index): readonly (readonly [string, string])[] => {
      const text = texts[index]
      return typeof text === 'string' ? [[kind, text]] : []
    })
    return said.length === 0 ? undefined : { children: said.flatMap(([kind, text], index) => {
      const [qualifier = '', name = ''] = numberPairs[index] ?? []
      return [child(qualifier, kind), child(name, text)]
    }) }
  },
}

const shortDate = textConverter((text) => text, (value) => value.replaceAll('-', '').slice(2))

/** ISA has a place for 15 characters; a longer identifier is the delivering channel's to choose. */
const senderId = textConverter((text) => text, (value) => value.slice(0, 15) === value ? value : undefined)

export const functions = {
  converters: { 'product-ids': productIds, 'party-ids': partyIds, 'numbers': numbers, 'date-yymmdd': shortDate, 'sender-id': senderId },
} satisfies MapFunctions
