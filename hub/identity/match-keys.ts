import type { Party } from '../../schemas/canonical/common.js'
import { matchKeyOf } from '../../schemas/identifier-scheme.js'

/** What a party shares with every other record of the same party: `gln:5790000000012`, `vat:DE123456789`; each once, in the order given. */
export const matchKeysOf = (party: Party): readonly string[] => {
  const keys = (party.identifiers ?? []).flatMap(({ scheme, value }) => matchKeyOf(scheme === undefined ? { value } : { scheme, value }) ?? [])
  return [...new Set(keys)]
}

export const schemeOf = (matchKey: string): string => matchKey.slice(0, matchKey.indexOf(':'))
