import { createHash } from 'node:crypto'
import { partyRoles, type Identifier, type Parties, type Party, type PartyRole } from './canonical/common.js'
import { isTradeDocument, type CanonicalDocument } from './canonical/canonical-document.js'
import type { Reference, ReferenceKind, TradeDocument } from './canonical/trade-document.js'
import type { SourceKey } from './ids.js'

/** The schemes whose values name a party whoever speaks, in the order in which they are believed. */
const sharedSchemes = ['gln', 'vat', 'duns', 'lei', 'uscc']

/** Which identifier a system is taken to know a party by: its own number first, then the shared schemes. */
const rank = ({ scheme }: Identifier, isPlace: boolean): number => {
  if (scheme === undefined) return 0
  return isPlace && scheme === 'gln' ? -1 : Math.max(1, sharedSchemes.indexOf(scheme) + 1)
}

/** SAP pads numbers of digits with zeros inside and shows them without (its conversion exit ALPHA): 0010300099 and 10300099 are one number, 00A7 and A7 two. */
const comparable = ({ scheme, value }: Identifier): string => (scheme === 'sap' && /^0+\d+$/.test(value) ? value.replace(/^0+(?=\d)/, '') : value)

/** Goods go to a place, and its location number tells it apart from the customer whose account number stands beside. */
const placeRoles: readonly PartyRole[] = ['shipTo', 'shipFrom']

const strongest = (identifiers: readonly Identifier[], isPlace: boolean): Identifier | undefined =>
  identifiers.reduce<Identifier | undefined>((best, next) => (best === undefined || rank(next, isPlace) < rank(best, isPlace) ? next : best), undefined)

const isRole = (assigner: string | undefined): assigner is PartyRole => partyRoles.some((role) => role === assigner)

/** A number that another party of the document gave is only one's own under the giver: two sellers both have a customer 10001. */
const assignerName = (assigner: string, parties: Parties): string => {
  const giver = isRole(assigner) ? parties[assigner] : undefined
  const absolute = (giver?.identifiers ?? []).filter((identifier) => !isRole(identifier.assigner))
  const shared = sharedSchemes.flatMap((scheme) => absolute.find((identifier) => identifier.scheme === scheme) ?? [])
  const name = shared[0] ?? absolute[0]
  return name === undefined ? assigner : `${name.scheme ?? 'id'}:${comparable(name)}`
}

/** In UTF-8. Two keys and a number, or a key and a line, fit an index row of PostgreSQL. */
const maxKeyBytes = 400

/** A key that is too long is cut, and completed by the SHA-256 of the whole: any name will do for a key. */
const bounded = (key: string): SourceKey => {
  // No character takes more than three bytes a code unit.
  if (key.length * 3 <= maxKeyBytes) return key as SourceKey
  const bytes = Buffer.from(key, 'utf8')
  if (bytes.length <= maxKeyBytes) return key as SourceKey
  const hash = `~${createHash('sha256').update(bytes).digest('hex')}`
  let end = maxKeyBytes - hash.length
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return `${bytes.subarray(0, end).toString('utf8')}${hash}` as SourceKey
}

/**
 * How `system` names this party among the `parties` of its document: `system/scheme:value` by its strongest identifier (of a place in the role shipTo or
 * shipFrom its GLN), `system/id@assigner:value` by a
 * number that another of them gave, `system/name:…` where it has none; a key of more than 400 bytes ends in a hash. Undefined for a party without identifier and name.
 */
export const sourceKeyOf = (system: string, party: Party, parties: Parties = {}, role?: PartyRole): SourceKey | undefined => {
  const key = strongest(party.identifiers ?? [], role !== undefined && placeRoles.includes(role))
  if (key !== undefined) {
    return bounded(`${system}/${key.scheme ?? 'id'}${key.assigner === undefined ? '' : `@${assignerName(key.assigner, parties)}`}:${comparable(key)}`)
  }
  const name = party.names?.[0]?.value ?? party.legalName
  if (name === undefined) return undefined
  return bounded(`${system}/name:${name.trim().toLowerCase()}${party.address?.country === undefined ? '' : `,${party.address.country}`}`)
}

/** Whose number a document's number is: the roles that may be its issuer, the usual one first. */
const issuerRoles: Readonly<Record<ReferenceKind, readonly PartyRole[]>> = {
  'order': ['buyer'],
  'order-change': ['buyer'],
  'order-response': ['seller'],
  'despatch': ['seller', 'shipFrom'],
  'receipt': ['buyer', 'shipTo'],
  'invoice': ['seller', 'payee'],
  'credit-note': ['seller', 'payee'],
  'quotation-request': ['buyer', 'originator'],
  'quotation': ['seller'],
  'application-response': ['sender'],
  'remittance': ['payer', 'billTo', 'buyer'],
  'statement': ['seller', 'payee'],
  'contract': [],
  'catalogue': ['seller', 'sender'],
  'inventory-report': ['sender', 'buyer'],
  'forecast': ['sender', 'buyer'],
  'payment': ['payer', 'buyer'],
  'shipment': ['carrier', 'shipFrom'],
  'project': ['buyer'],
  'other': [],
}

const keyOfFirst = (system: string, document: TradeDocument, roles: readonly PartyRole[]): SourceKey | undefined => {
  for (const role of roles) {
    const party = document.parties?.[role]
    const key = party === undefined ? undefined : sourceKeyOf(system, party, document.parties, role)
    if (key !== undefined) return key
  }
  return undefined
}

/** The source key of the document's issuer, if the document names one. */
export const issuerKeyOf = (system: string, document: CanonicalDocument): SourceKey | undefined =>
  isTradeDocument(document) ? keyOfFirst(system, document, issuerRoles[document.kind]) : undefined

/** A reference with its issuer resolved to a source key where the document names the party. */
export interface KeyedReference {
  readonly kind: ReferenceKind
  readonly number: string
  readonly issuer: SourceKey | undefined
  /** The line of this document that refers; undefined on the head. */
  readonly fromLine: string | undefined
  /** The line referred to. */
  readonly toLine: string | undefined
  /** The number is the other side's of a document that the reference before names already. */
  readonly counterpart: boolean
}

/** What Peppol has people write where a number must stand and there is none (BIS Billing 3, rule on OrderReference). */
const noNumber = 'NA'

type KeyOfFirst = (roles: readonly PartyRole[]) => SourceKey | undefined

/** Finds the key of each list of roles once, however many references ask for it. */
const rememberedKeys = (system: string, document: TradeDocument): KeyOfFirst => {
  const found = new Map<string, SourceKey | undefined>()
  return (roles) => {
    const name = roles.join()
    if (!found.has(name)) found.set(name, keyOfFirst(system, document, roles))
    return found.get(name)
  }
}

interface Keying {
  readonly system: string
  readonly keyOf: KeyOfFirst
  /** Whose the documents are that it refers to, where it does not say so; an answer goes to whoever issued what it answers. */
  readonly issuersOf: (kind: ReferenceKind) => readonly PartyRole[]
}

const keyed = ({ system, keyOf, issuersOf }: Keying, reference: Reference, fromLine: string | undefined): readonly KeyedReference[] => {
  const { kind, number, line: toLine, issuer, counterpartNumber } = reference
  const roles = issuer?.role === undefined ? issuersOf(kind) : [issuer.role]
  const own = issuer?.identifiers === undefined ? keyOf(roles) : sourceKeyOf(system, { identifiers: issuer.identifiers })
  const named: readonly KeyedReference[] = number === noNumber ? [] : [{ kind, number, issuer: own, fromLine, toLine, counterpart: false }]
  if (counterpartNumber === undefined) return named
  const counterpart = keyOf(roles.includes('buyer') ? ['seller'] : ['buyer'])
  return [...named, { kind, number: counterpartNumber, issuer: counterpart, fromLine, toLine, counterpart: named.length > 0 }]
}

/** Every reference of a document, head and lines (sub-lines too), with issuers as source keys of `system`. */
export const keyedReferencesOf = (system: string, document: CanonicalDocument): readonly KeyedReference[] => {
  if (!isTradeDocument(document)) return []
  const issuersOf = (kind: ReferenceKind): readonly PartyRole[] => (document.kind === 'application-response' ? ['receiver'] : issuerRoles[kind])
  const keying = { system, keyOf: rememberedKeys(system, document), issuersOf }
  const ofLines = (lines: TradeDocument['lines']): readonly KeyedReference[] => lines.flatMap((line) => [
    ...(line.references ?? []).flatMap((reference) => keyed(keying, reference, line.number)),
    ...ofLines(line.subLines ?? []),
  ])
  return [...(document.references ?? []).flatMap((reference) => keyed(keying, reference, undefined)), ...ofLines(document.lines)]
}

/** A party of a document with its role, its place and its source key. */
export interface KeyedParty {
  readonly role: PartyRole
  readonly line: string | undefined
  readonly key: SourceKey
  readonly party: Party
}

/** Every party that a document names, head first, that has a source key. A party document gives its one party under the role `buyer`. */
export const keyedPartiesOf = (system: string, document: CanonicalDocument): readonly KeyedParty[] => {
  if (document.kind === 'product') return []
  if (document.kind === 'party') {
    const identifiers = [{ value: document.number }, ...(document.party.identifiers ?? [])]
    const party = { ...document.party, identifiers }
    const key = sourceKeyOf(system, party)
    return key === undefined ? [] : [{ role: 'buyer', line: undefined, key, party }]
  }
  const head = partiesInRoles(system, document.parties, document.parties, undefined)
  if (document.lines.every(({ parties }) => parties === undefined)) return head
  const ofLines = document.lines.flatMap(({ parties, number }) => (parties === undefined ? [] : partiesInRoles(system, parties, { ...document.parties, ...parties }, number)))
  return [...head, ...ofLines]
}

const partiesInRoles = (system: string, parties: Parties | undefined, among: Parties | undefined, line: string | undefined): readonly KeyedParty[] => {
  const keyed: KeyedParty[] = []
  if (parties === undefined) return keyed
  for (const role of partyRoles) {
    const party = parties[role]
    const key = party === undefined ? undefined : sourceKeyOf(system, party, among, role)
    if (party !== undefined && key !== undefined) keyed.push({ role, line, key, party })
  }
  return keyed
}
