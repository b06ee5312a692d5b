import type { JournalNumber } from '../../schemas/ids.js'
import type { FollowerView } from './follower-view.js'

export interface WaitDeps {
  readonly loops: Readonly<Record<string, FollowerView>>
  /** The follower whose decisions enter the journal. */
  readonly decider: string
  /** The last entry that followers added because of the entries `first` to `last`; undefined when they added none. */
  readonly lastCausedBy: (first: JournalNumber, last: JournalNumber) => Promise<JournalNumber | undefined>
  readonly nowMs: () => number
}

/** The entries that a message caused. */
export interface EntryRange {
  readonly first: JournalNumber
  readonly last: JournalNumber
}

/**
 * Waits until `followers` have passed the entries of a message and the decisions that these led to, or until `timeoutMs` ran out.
 * Gives how far each of them has come then.
 */
export const makeWaitFor = (deps: WaitDeps) => async (followers: readonly string[], range: EntryRange, timeoutMs: number): Promise<Readonly<Record<string, JournalNumber>>> => {
  const deadlineMs = deps.nowMs() + timeoutMs
  const until = async (follower: string, number: JournalNumber): Promise<boolean> =>
    await deps.loops[follower]?.waitUntil(number, Math.max(0, deadlineMs - deps.nowMs())) ?? false
  if (await until(deps.decider, range.last)) {
    const target = Math.max(range.last, await deps.lastCausedBy(range.first, range.last) ?? 0)
    await Promise.all(followers.map((follower) => until(follower, target)))
  }
  return Object.fromEntries(followers.flatMap((follower) => {
    const loop = deps.loops[follower]
    return loop === undefined ? [] : [[follower, loop.passed()]]
  }))
}
