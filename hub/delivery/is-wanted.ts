import { isTradeDocument, type CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { SourceKey } from '../../schemas/ids.js'
import type { DocumentAccepted } from '../../schemas/journal-entry.js'
import { issuerKeyOf, keyedPartiesOf, sourceKeyOf } from '../../schemas/source-key.js'
import { isChanged } from './field-change.js'
import type { Wish, WishedParty } from './wish.js'

/** What a wish may ask for that does not stand in the entry. */
export interface Known {
  /** The source keys of a golden party, of all systems. */
  readonly keysOf: (partyId: string) => ReadonlySet<string>
  /** The document that this one replaced; undefined for a first revision. */
  readonly replaced: CanonicalDocument | undefined
}

/** As far as the entry itself says it; `system` is the one behind the endpoint. */
export const mayBeWanted = ({ kinds, channels, systems, test = 'exclude', echo, changed }: Wish, entry: DocumentAccepted, system: string | undefined): boolean =>
  (kinds?.includes(entry.document.kind) ?? true)
  && (channels?.includes(entry.channel) ?? true)
  && (systems?.includes(entry.system) ?? true)
  && (test === 'include' || entry.test === (test === 'only'))
  && (echo === true || system === undefined || entry.system !== system)
  && (changed === undefined || entry.replaces !== undefined)

/** Whether the rest of a wish, that `mayBeWanted` let through, is met. */
export const isWanted = ({ parties, changed }: Wish, entry: DocumentAccepted, { keysOf, replaced }: Known): boolean =>
  (parties === undefined || parties.some((party) => names(entry, party, keysOf)))
  && (changed === undefined || (replaced !== undefined && changed.some((path) => isChanged(path, replaced, entry.document))))

const names = (entry: DocumentAccepted, { role = 'any', key, id }: WishedParty, keysOf: Known['keysOf']): boolean => {
  const meant = id === undefined ? undefined : keysOf(id)
  return keysInRole(entry, role).some((one) => (key === undefined || one === key) && (meant === undefined || meant.has(one)))
}

const keysInRole = ({ system, document }: DocumentAccepted, role: NonNullable<WishedParty['role']>): readonly SourceKey[] => {
  const all = keyedPartiesOf(system, document)
  if (role === 'any' || document.kind === 'party') return all.map(({ key }) => key)
  const stated = all.filter((one) => one.role === role).map(({ key }) => key)
  return stated.length > 0 || (role !== 'sender' && role !== 'receiver') ? stated : spoken(system, document, role)
}

/** Who speaks where the document does not say so: its issuer; and who is spoken to: the other of buyer and seller. */
const spoken = (system: string, document: CanonicalDocument, role: 'sender' | 'receiver'): readonly SourceKey[] => {
  const issuer = issuerKeyOf(system, document)
  if (role === 'sender') return issuer === undefined ? [] : [issuer]
  if (!isTradeDocument(document)) return []
  const sides = (['buyer', 'seller'] as const).flatMap((side) => {
    const party = document.parties?.[side]
    return party === undefined ? [] : sourceKeyOf(system, party, document.parties, side) ?? []
  })
  return sides.filter((key) => key !== issuer)
}
