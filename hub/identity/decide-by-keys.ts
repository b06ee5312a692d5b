import type { IdentityDecision } from '../../schemas/journal-entry.js'
import type { SourceKey } from '../../schemas/ids.js'

export const ruleVersion = 'keys-1'

/** A source record that is new, or that has just shown match keys which it did not have. */
export interface IncomingRecord {
  readonly key: SourceKey
  readonly isNew: boolean
  /** Whom it is taken to be so far: its golden party, or itself while undecided. */
  readonly component: string
  readonly newMatchKeys: readonly string[]
}

/** The oldest source record that has a match key: lowest first journal number, then lowest key. */
export interface KeyHolder {
  readonly key: SourceKey
  readonly component: string
}

/**
 * Deterministic matching: a record is the same party as the oldest record that shares a global identifier with it. One link for each party
 * that it is thereby joined to; a new record that shares nothing founds a party; a known one that shares nothing new gives no decision.
 */
export const decideByKeys = (incoming: IncomingRecord, oldestHolderOf: (matchKey: string) => KeyHolder | undefined): readonly IdentityDecision[] => {
  const joined = new Set([incoming.component])
  const links = incoming.newMatchKeys.flatMap((matchKey): readonly IdentityDecision[] => {
    const holder = oldestHolderOf(matchKey)
    if (holder === undefined || holder.key === incoming.key || joined.has(holder.component)) return []
    joined.add(holder.component)
    return [{ action: 'link', source: incoming.key, with: holder.key, rule: ruleOf(matchKey), evidence: matchKey }]
  })
  return links.length === 0 && incoming.isNew ? [{ action: 'found', source: incoming.key }] : links
}

const ruleOf = (matchKey: string): string => matchKey.slice(0, matchKey.indexOf(':'))
