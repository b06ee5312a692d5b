import type { IdentityDecision } from '../../schemas/journal-entry.js'

export interface NumberedDecision {
  /** Its foundingPlace among all decisions. */
  readonly place: number
  readonly decision: IdentityDecision
}

/** Where a source record stands: at the source that its golden party began with, itself while nothing was decided. */
export interface Standing {
  readonly golden: string
  /** The place of the decision that founded `golden`; undefined while nothing was decided about it. */
  readonly founded: number | undefined
}

export interface LinkChanges {
  /** Sources that began a golden party, with the decision's place. */
  readonly founded: ReadonlyMap<string, number>
  /** Sources that stood for a golden party, or for themselves, and those at whose party all of theirs now stand. */
  readonly moved: ReadonlyMap<string, string>
}

/**
 * Applies decisions in journal order. Of two golden parties the one that was founded first stays. A link between two sources of which neither has a
 * golden party founds one with `with`.
 */
export const foldLinks = (standings: ReadonlyMap<string, Standing>, decisions: readonly NumberedDecision[]): LinkChanges => {
  const founded = new Map<string, number>()
  const moved = new Map<string, string>()
  const before = new Map([...standings.values()].map(({ golden, founded: place }) => [golden, place]))
  const foundedAt = (golden: string): number | undefined => founded.get(golden) ?? before.get(golden)
  const goldenOf = (source: string): string => {
    let golden = standings.get(source)?.golden ?? source
    for (let next = moved.get(golden); next !== undefined; next = moved.get(golden)) golden = next
    return golden
  }
  for (const { place, decision } of decisions) {
    const own = goldenOf(decision.source)
    if (decision.action === 'found') {
      if (foundedAt(own) === undefined) founded.set(own, place)
      continue
    }
    const other = goldenOf(decision.with)
    if (foundedAt(own) === undefined && foundedAt(other) === undefined) founded.set(other, place)
    if (own === other) continue
    const stays = survivor([own, foundedAt(own)], [other, foundedAt(other)])
    moved.set(stays === own ? other : own, stays)
  }
  return { founded, moved: new Map([...moved.keys()].map((from) => [from, goldenOf(from)])) }
}

type Founder = readonly [source: string, founded: number | undefined]

const survivor = ([a, aFounded = Infinity]: Founder, [b, bFounded = Infinity]: Founder): string => (bFounded < aFounded ? b : a)
