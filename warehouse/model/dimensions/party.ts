import type { Parties, Party, PartyRole } from '../../../schemas/canonical/common.js'
import { partyIdOf, type PartyId, type SourceKey } from '../../../schemas/ids.js'
import { keyedPartiesOf, sourceKeyOf } from '../../../schemas/source-key.js'
import { asIs, textLevel, type Dimension, type Member } from '../dimension.js'

/** Documents name the same few parties over and over, and the id takes a hash. */
const ids = new Map<SourceKey, PartyId>()
const mostIds = 10_000

const idOf = (key: SourceKey): PartyId => {
  const id = ids.get(key) ?? partyIdOf(key)
  if (ids.size >= mostIds) ids.clear()
  ids.set(key, id)
  return id
}

/** The source record of a party as the dimension keeps it. */
export const partyMember = (key: SourceKey, party?: Party): Member => ({
  key,
  attributes: {
    id: idOf(key),
    name: party?.names?.[0]?.value ?? party?.legalName,
    country: party?.address?.country ?? party?.legalAddress?.country,
  },
})

/** The party in the first of several roles that the system has a name for. */
export const firstParty = (system: string, parties: Parties, roles: readonly PartyRole[]): Member | undefined => {
  for (const role of roles) {
    const party = parties[role]
    const key = party === undefined ? undefined : sourceKeyOf(system, party, parties, role)
    if (key !== undefined) return partyMember(key, party)
  }
  return undefined
}

/**
 * Parties by source record, shown as golden parties: facts carry the source's key and are never rewritten; the row of the source leads to the row of the
 * source that the golden party began with, whose latest name and country stand for it. A source that nothing was decided about stands for itself.
 */
export const party: Dimension = {
  name: 'party',
  title: 'Party',
  type: 'integer',
  members: {
    table: 'party',
    relation: 'golden_party',
    attributes: ['id', 'name', 'country'],
    linked: true,
    ddl: [`create or replace view golden_party as
      select source.key, golden.key as golden, golden.id, coalesce(golden.name, golden.member) as name, golden.country
      from party source join party golden on golden.key = source.golden`],
    observe: (system, document) => keyedPartiesOf(system, document).map((keyed) => partyMember(keyed.key, keyed.party)),
  },
  levels: {
    '': {
      title: 'Golden party', example: '0b1f6b0e-5c0e-8d9a-9f51-2f4a61c0c4de', parse: asIs, write: asIs,
      group: (at) => `${at}.golden`, key: (at) => `${at}.id`, name: (at) => `${at}.name`,
    },
    'country': textLevel('Country, ISO 3166-1', 'DE', 'country'),
  },
  hierarchies: [['country', '']],
  store: () => undefined,
}
