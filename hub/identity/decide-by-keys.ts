import type { IdentityDecision } from '../../schemas/journal-entry.js'
import type { SourceKey } from '../../schemas/ids.js'
import { schemeOf } from './match-keys.js'

export const ruleVersion = 'keys-2'

/** A source record that is new, or that has just shown match keys which it did not have. */
export interface IncomingRecord {
  readonly key: SourceKey
  readonly isNew: boolean
  /** Whom it is taken to be so far: its golden party, or itself while undecided. */
  readonly component: string
  /** The match keys of that component, without the new ones. */
  readonly matchKeys: Iterable<string>
  readonly newMatchKeys: readonly string[]
}

/** The oldest source record that has a match key: lowest first journal number, then lowest key. */
export interface KeyHolder {
  readonly key: SourceKey
  readonly component: string
  /** Of the whole component. */
  readonly matchKeys: Iterable<string>
}

export interface KeyVerdict {
  readonly decisions: readonly IdentityDecision[]
  /** New match keys that are another party's, which the record must not be taken to have. */
  readonly refused: ReadonlySet<string>
}

/**
 * Deterministic matching: a record is the same party as the oldest record that shares a global identifier with it. One link for each party
 * that it is thereby joined to; a new record that shares nothing founds a party; a known one that shares nothing new gives no decision.
 * A new record joins the party of its first shared key whatever else it claims; parties that exist already it brings together only where
 * they don't contradict each other: in no scheme do both have values and share none. A key whose party contradicts is refused.
 */
export const decideByKeys = (incoming: IncomingRecord, oldestHolderOf: (matchKey: string) => KeyHolder | undefined): KeyVerdict => {
  const joined = new Set([incoming.component])
  const contradicting = new Set<string>()
  const held = byScheme(incoming.matchKeys)
  const refused = new Set<string>()
  const decisions: IdentityDecision[] = []
  for (const matchKey of incoming.newMatchKeys) {
    const holder = oldestHolderOf(matchKey)
    const other = holder === undefined || holder.key === incoming.key || joined.has(holder.component) ? undefined : holder
    const mayJoin = other === undefined || (incoming.isNew && decisions.length === 0) || !(contradicting.has(other.component) || contradict(held, other.matchKeys))
    if (!mayJoin) {
      contradicting.add(other.component)
      refused.add(matchKey)
      continue
    }
    addKeys(held, [matchKey, ...other?.matchKeys ?? []])
    if (other === undefined) continue
    joined.add(other.component)
    decisions.push({ action: 'link', source: incoming.key, with: other.key, rule: schemeOf(matchKey), evidence: matchKey })
  }
  return { decisions: decisions.length === 0 && incoming.isNew ? [{ action: 'found', source: incoming.key }] : decisions, refused }
}

type KeysByScheme = Map<string, Set<string>>

const addKeys = (held: KeysByScheme, matchKeys: Iterable<string>): void => {
  for (const matchKey of matchKeys) {
    const scheme = schemeOf(matchKey)
    const known = held.get(scheme)
    if (known === undefined) held.set(scheme, new Set([matchKey]))
    else known.add(matchKey)
  }
}

const byScheme = (matchKeys: Iterable<string>): KeysByScheme => {
  const held: KeysByScheme = new Map()
  addKeys(held, matchKeys)
  return held
}

const contradict = (held: KeysByScheme, others: Iterable<string>): boolean => {
  for (const [scheme, matchKeys] of byScheme(others)) {
    const own = held.get(scheme)
    if (own !== undefined && ![...matchKeys].some((matchKey) => own.has(matchKey))) return true
  }
  return false
}
