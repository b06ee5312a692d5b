import { isBusinessDate } from '../../schemas/business-date.js'
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
const nothingOfItem: readonly undefined[] = [...fieldsOfItem.map(() => undefined), undefined]

/** PO106 to PO125. The first number of a kind is the article's, further ones and those of other kinds are identifiers with their qualifier as scheme. */
const productIds: Converter = {
  takes: {},
  takesChildren: productPairs.flat(),
  read: (_text, node) => {
    if (node.children.length === 0) return nothingOfItem
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

/** What an OTI is about, by the kind of transaction (OTI10), else by the qualifier of its number (data element 128). */
const advisedTypes: Readonly<Record<string, string>> = { 850: 'order', 860: 'order-change', 855: 'order-response', 856: 'despatch', 810: 'invoice', 820: 'remittance', 840: 'quotation-request', 843: 'quotation', 846: 'inventory-report' }
const advisedNumbers: Readonly<Record<string, string>> = { PO: 'order', IV: 'invoice', SI: 'despatch' }

const advisedDocument: Converter = {
  takes: {},
  takesChildren: ['OTI02', 'OTI03'],
  read: (_text, node) => {
    const number = textOf(node, 'OTI03')
    return number === '' ? undefined : [advisedTypes[textOf(node, 'OTI10')] ?? advisedNumbers[textOf(node, 'OTI02')] ?? 'other', number]
  },
  write: (value) => {
    const given: readonly unknown[] = Array.isArray(value) ? value : []
    const [kind, number] = given
    const qualifier = Object.entries(advisedNumbers).find(([, known]) => known === kind)?.[0] ?? 'TN'
    return typeof number === 'string' ? { children: [child('OTI02', qualifier), child('OTI03', number)] } : undefined
  },
}

/** GS01 of what stands in a group of application advice. */
const adviceGroup = textConverter((text) => text, () => 'AG')

const shortDate = textConverter((text) => text, (value) => value.replaceAll('-', '').slice(2))

/** ISA has a place for 15 characters; a longer identifier is the delivering channel's to choose. */
const senderId = textConverter((text) => text, (value) => value.slice(0, 15) === value ? value : undefined)

const memberOf = (node: Node, segment: string, name: string): string => {
  const found = node.children.find((child) => child.name === segment)
  return found === undefined ? '' : textOf(found, name)
}

/** ISA05 and ISA07: whose numbers name the mailbox; others stay as they are, and ZZ says nothing. */
const mailboxSchemes: Readonly<Record<string, string>> = { '01': 'duns', '07': 'gln' }

const readMailbox = (qualifier: string, value: string): readonly object[] | undefined =>
  (value === '' ? undefined : [{ ...(qualifier === '' || qualifier === 'ZZ' ? {} : { scheme: mailboxSchemes[qualifier] ?? qualifier }), value }])

const mailboxOf = (identifiers: unknown): readonly [qualifier: string, value: string] | undefined => {
  const given: readonly unknown[] = Array.isArray(identifiers) ? identifiers : []
  const [first] = given
  const value = valueOf(first)
  if (value === undefined) return undefined
  const scheme = typeof first === 'object' && first !== null && 'scheme' in first && typeof first.scheme === 'string' ? first.scheme : 'ZZ'
  return [Object.entries(mailboxSchemes).find(([, known]) => known === scheme)?.[0] ?? scheme, value]
}

const dayOf = (text: string): string | undefined => {
  const date = `${text.length === 6 ? '20' : ''}${text}`.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
  return isBusinessDate(date) ? date : undefined
}

/** Control number, day, sender and receiver of an envelope, for documents that are about envelopes. Without a group the number is the interchange's. */
const headConverter = (hasGroup: boolean): Converter => ({
  takes: {},
  takesChildren: hasGroup ? ['ISA', 'GS'] : ['ISA'],
  read: (_text, root) => {
    const number = hasGroup ? memberOf(root, 'GS', 'GS06') : memberOf(root, 'ISA', 'ISA13')
    const mailboxes = [readMailbox(memberOf(root, 'ISA', 'ISA05'), memberOf(root, 'ISA', 'ISA06')), readMailbox(memberOf(root, 'ISA', 'ISA07'), memberOf(root, 'ISA', 'ISA08'))]
    return [number === '' ? undefined : number, dayOf(memberOf(root, 'ISA', 'ISA09')), ...mailboxes]
  },
  write: (value) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : []
    const [number, date, from, to] = values
    const [sender, receiver] = [mailboxOf(from), mailboxOf(to)]
    const day = typeof date === 'string' ? date.replaceAll('-', '') : ''
    const put = (entries: readonly (readonly [string, string | undefined])[]) => ({ children: entries.flatMap(([name, text]) => (text === undefined || text === '' ? [] : [child(name, text)])) })
    const isa = put([['ISA05', sender?.[0]], ['ISA06', sender?.[1]], ['ISA07', receiver?.[0]], ['ISA08', receiver?.[1]], ['ISA09', day.slice(2)], ['ISA13', typeof number === 'string' ? number : undefined]])
    const gs = put([['GS01', 'FA'], ['GS02', sender?.[1]], ['GS03', receiver?.[1]], ['GS04', day], ['GS06', typeof number === 'string' ? number : undefined]])
    return { children: [{ name: 'ISA', namespace: '', written: isa }, ...(hasGroup ? [{ name: 'GS', namespace: '', written: gs }] : [])] }
  },
})

/** The code of an error with its meaning; the code alone is written. */
const errorOf = (meanings: Readonly<Record<string, string>>): Converter =>
  ({ takes: {}, read: (text) => [text, meanings[text]], write: (value) => ({ text: String(Array.isArray(value) ? value[0] : value), kind: 'string' }) })

/** Data element 716, of groups. */
const groupError = errorOf({ '1': 'The functional group is not supported.', '2': 'Its version is not supported.', '3': 'The trailer is missing.', '4': 'The control numbers of header and trailer differ.', '5': 'The count of transaction sets does not match.', '6': 'The control number is invalid.' })
/** Data element 718, of transaction sets. */
const setError = errorOf({
  '1': 'The transaction set is not supported.', '2': 'The trailer is missing.', '3': 'The control numbers of header and trailer differ.', '4': 'The count of segments does not match.', '5': 'Segments are in error.', '6': 'The identifier is missing or invalid.',
  '7': 'The control number is missing or invalid.', '23': 'The control number is not unique in its group.',
  'I5': 'Segments are in error by the implementation that was agreed on.', 'I6': 'The implementation is not supported.',
})
/** Data element 720, of segments. */
const segmentError = errorOf({
  '1': 'The segment is not known.', '2': 'The segment is not expected here.', '3': 'A mandatory segment is missing.', '4': 'The loop occurs too often.', '5': 'The segment occurs too often.', '6': 'The segment is not of this transaction set.', '7': 'The segment is not in its order.',
  '8': 'The segment has data elements in error.',
  'I4': 'The segment is not used in the implementation.', 'I6': 'A segment that depends on others is missing.', 'I7': 'The loop occurs too seldom.', 'I8': 'The segment occurs too seldom.', 'I9': 'The segment is not used together with others that are there.',
})
/** I18, of interchanges. */
const note = errorOf({
  '000': 'No error.', '001': 'The control numbers of header and trailer differ.', '002': 'The standard is not supported.', '003': 'The version is not supported.', '006': 'The sender is not known.', '008': 'The receiver is not known.', '020': 'The test indicator is invalid.',
  '021': 'The count of groups is invalid.', '022': 'The control structure is invalid.', '023': 'The file ends too early.', '024': 'The content is invalid.', '025': 'It is here already.',
})

/** Data element 647, of what an application says: the more common ones. */
const applicationError = errorOf({
  '006': 'It is here already.', '007': 'Data is missing.', '008': 'A value is out of its range.', '009': 'The date is invalid.', '010': 'The total does not add up.', '011': 'It does not match what is here.', '012': 'The combination is invalid.', '024': 'There is another reason.',
  '848': 'The data is incorrect.',
})

/** Data element 723, of data elements. */
const elementErrors: Readonly<Record<string, string>> = {
  '1': 'A mandatory data element is missing.', '2': 'A conditional data element is missing.', '3': 'There are too many data elements.', '4': 'The data element is too short.', '5': 'The data element is too long.', '6': 'A character is invalid.', '7': 'The code is invalid.',
  '8': 'The date is invalid.', '9': 'The time is invalid.', '10': 'Data elements exclude each other.',
  '12': 'It repeats too often.', '13': 'There are too many components.', 'I6': 'The code is not used in the implementation.', 'I9': 'A data element that depends on others is missing.', 'I10': 'The data element is not used in the implementation.', 'I11': 'It repeats too seldom.',
  'I12': 'It does not match the pattern that was agreed on.', 'I13': 'The data element is not used together with others that are there.',
}
const elementError = textConverter((text) => elementErrors[text] ?? text, (value) => Object.entries(elementErrors).find(([, meaning]) => meaning === value)?.[0] ?? value)

export const functions = {
  converters: {
    'group-head': headConverter(true), 'interchange-head': headConverter(false), 'group-error': groupError, 'set-error': setError, 'segment-error': segmentError, 'element-error': elementError, 'application-error': applicationError, note,
    'advised-document': advisedDocument, 'advice-group': adviceGroup, 'product-ids': productIds, 'party-ids': partyIds, 'numbers': numbers, 'date-yymmdd': shortDate, 'sender-id': senderId },
} satisfies MapFunctions
