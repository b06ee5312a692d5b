import type { Follower } from '../../schemas/follower.js'
import type { JournalNumber } from '../../schemas/ids.js'
import type { DocumentAccepted, FactEntry, JournalEntry } from '../../schemas/journal-entry.js'
import type { Parked } from '../../schemas/parked-entry.js'
import type { NewDelivery } from '../central/deliveries/put-deliveries.js'
import type { Tx } from '../ops/database.js'
import { makeApplyOrPark } from '../parking/apply-or-park.js'
import { makeFollowFacts, type FollowFacts } from '../parking/follow-facts.js'
import { makeFollowWithDecisions, type FollowEntries } from '../parking/follow-with-decisions.js'
import type { ParkedTable } from '../parking/parked-table.js'
import { refusedData } from '../parking/refused-data.js'
import { acknowledgements, deliveriesOf, type DeliverDeps } from './deliveries-of.js'
import { takeAnswers, type TakeAnswersDeps } from './take-answers.js'
import type { Subscription } from './wish.js'

/** What of an entry is still to be done. */
export interface OwedEntry {
  /** Those that have come past it. */
  readonly subscriptions: readonly Subscription[]
  /** Whether also what hangs on no subscription: acknowledgements, and the answers that it is. */
  readonly isWhole: boolean
}

/** The store, and what is known outside of it. Each function runs in the transaction that it is given. */
export interface DeliveryFollowerDeps extends DeliverDeps, TakeAnswersDeps {
  readonly endpoints: DeliverDeps['endpoints']
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  readonly takePosition: () => Promise<number>
  readonly isOwner: (epoch: number) => Promise<boolean>
  readonly readPosition: () => Promise<JournalNumber>
  readonly lockPosition: (tx: Tx) => Promise<JournalNumber>
  readonly movePosition: (tx: Tx, after: JournalNumber, to: JournalNumber, epoch: number) => Promise<boolean>
  readonly liveSubscriptions: (tx: Tx) => Promise<readonly Subscription[]>
  readonly laggingSubscription: (tx: Tx, position: JournalNumber) => Promise<Subscription | undefined>
  readonly moveSubscription: (tx: Tx, id: string, reached: JournalNumber | null) => Promise<unknown>
  readonly entriesAfter: (tx: Tx, after: JournalNumber, limit: number) => Promise<readonly JournalEntry[]>
  readonly entriesNumbered: (tx: Tx, numbers: readonly JournalNumber[]) => Promise<readonly JournalEntry[]>
  readonly putDeliveries: (tx: Tx, deliveries: readonly NewDelivery[]) => Promise<number>
  readonly parked: ParkedTable
  /** Notes of entries that wait that nothing of them is done. */
  readonly oweAll: (tx: Tx, entries: readonly JournalNumber[]) => Promise<unknown>
  /** Notes that a subscription has come past entries that wait. */
  readonly oweTo: (tx: Tx, subscription: string, entries: readonly JournalNumber[]) => Promise<unknown>
  readonly owedOf: (tx: Tx, entries: readonly JournalNumber[]) => Promise<ReadonlyMap<JournalNumber, OwedEntry>>
  readonly settleOwed: (tx: Tx, entries: readonly JournalNumber[]) => Promise<unknown>
  /** Told of each document that PostgreSQL refused or at which our own code fails, once it is parked. */
  readonly onParked: (parked: Parked) => void
  /** Told when there is something new to send. */
  readonly onPut: () => void
}

export interface DeliveryFollower extends Follower {
  /** Brings subscriptions that lag behind the follower up to it. Resolves when none does. */
  readonly catchUp: () => Promise<void>
}

const name = 'deliveries'

/** More at once would hold the follower for too long. */
const catchUpEntries = 250

/**
 * Makes deliveries of what subscriptions and partners want of the journal, once it is asked for its position in the place of whoever did so before, and finds the answers to deliveries in it. Its effect stands in the central database. A
 * document that is refused there, or at which our own code fails, is parked and holds what must not overtake it.
 */
export const makeDeliveryFollower = (deps: DeliveryFollowerDeps): DeliveryFollower => {
  let claimed: Promise<number> | undefined
  const epoch = (): Promise<number> => (claimed ??= deps.takePosition().catch((error: unknown) => {
    claimed = undefined
    throw error
  }))
  const [followed, caughtUp] = [countPut(deps.onPut), countPut(deps.onPut)]
  return {
    name,
    position: async () => {
      await epoch()
      return deps.readPosition()
    },
    isOwned: async () => deps.isOwner(await epoch()),
    apply: makeApplyOrPark({
      entries: followJournal(deps, followed.add),
      onParked: deps.onParked,
      inTransaction: async (after, last, work) => {
        const mine = await epoch()
        const parked = await deps.transaction(async (tx) => (await deps.movePosition(tx, after, last, mine) ? work(tx) : undefined))
        followed.tell()
        return parked
      },
    }),
    catchUp: async () => {
      while (await catchUpOne(deps, caughtUp.add)) caughtUp.tell()
    },
  }
}

/** Deliveries that were put are told of once they are committed. */
const countPut = (onPut: () => void) => {
  let put = 0
  return {
    add: (count: number): void => { put += count },
    tell: (): void => {
      if (put > 0) onPut()
      put = 0
    },
  }
}

/** The journal without what is decided about parties: a delivery carries them as its document names them. */
const followJournal = (deps: DeliveryFollowerDeps, onPut: (count: number) => void): FollowEntries => {
  const { parked: table, entriesNumbered } = deps
  const { follow, followOrPark } = makeFollowWithDecisions({ follower: name, table, entriesNumbered, facts: liveFacts(deps, onPut), again: factsAgain(deps, onPut) })
  const concerned = (entries: readonly JournalEntry[]): readonly JournalEntry[] => entries.filter(({ type }) => type !== 'identity.decided')
  return { follow: (tx, entries) => follow(tx, concerned(entries)), followOrPark: (tx, entries) => followOrPark(tx, concerned(entries)) }
}

/** What comes new, for the subscriptions that go along with the follower. */
const liveFacts = (deps: DeliveryFollowerDeps, onPut: (count: number) => void): FollowFacts => makeFollowFacts({
  table: deps.parked,
  apply: async (tx, entries) => {
    if (entries.length === 0) return
    const subscriptions = await deps.liveSubscriptions(tx)
    onPut(await deliver(deps, tx, entries, () => ({ subscriptions, isWhole: true })))
  },
  onWaiting: (tx, entries) => deps.oweAll(tx, numbersOf(entries)),
})

/** What waited, as far as it is owed: a subscription that lags comes to it by itself. */
const factsAgain = (deps: DeliveryFollowerDeps, onPut: (count: number) => void): FollowFacts => makeFollowFacts({
  table: deps.parked,
  apply: async (tx, entries) => {
    if (entries.length === 0) return
    const owed = await deps.owedOf(tx, numbersOf(entries))
    onPut(await deliver(deps, tx, entries, ({ number }) => owed.get(number) ?? { subscriptions: [], isWhole: false }))
    await deps.settleOwed(tx, numbersOf(entries))
  },
})

/** What the follower has passed, for a subscription that lags. */
const laggingFacts = (deps: DeliveryFollowerDeps, subscription: Subscription, onPut: (count: number) => void): FollowFacts => makeFollowFacts({
  table: deps.parked,
  apply: async (tx, entries) => { onPut(await deliver(deps, tx, entries, () => ({ subscriptions: [subscription], isWhole: false }))) },
  onWaiting: (tx, entries) => deps.oweTo(tx, subscription.id, numbersOf(entries)),
})

const deliver = async (deps: DeliveryFollowerDeps, tx: Tx, entries: readonly FactEntry[], owed: (entry: DocumentAccepted) => OwedEntry): Promise<number> => {
  const documents = entries.filter(isDocument)
  const whole = documents.filter((entry) => owed(entry).isWhole)
  const put = await deps.putDeliveries(tx, [...await deliveriesOf(deps, tx, (entry) => owed(entry).subscriptions, documents), ...await acknowledgements(deps, tx, whole)])
  await takeAnswers(deps, tx, whole)
  return put
}

const isDocument = (entry: JournalEntry): entry is DocumentAccepted => entry.type === 'document.accepted'

const numbersOf = (entries: readonly FactEntry[]): readonly JournalNumber[] => entries.map(({ number }) => number)

/** One step of one subscription; false where none lags. */
const catchUpOne = async (deps: DeliveryFollowerDeps, onPut: (count: number) => void): Promise<boolean> => {
  try {
    return await catchUpStep(deps, ({ follow }) => follow, onPut)
  } catch (error) {
    if (refusedData(error) === undefined) throw error
    return catchUpStep(deps, ({ followOrPark }) => followOrPark, onPut)
  }
}

const catchUpStep = async (deps: DeliveryFollowerDeps, way: (facts: FollowFacts) => FollowFacts['follow'], onPut: (count: number) => void): Promise<boolean> => {
  const parked = await deps.transaction(async (tx) => {
    const position = await deps.lockPosition(tx)
    const subscription = await deps.laggingSubscription(tx, position)
    if (subscription?.reached == null) return undefined
    const read = await deps.entriesAfter(tx, subscription.reached, Math.min(catchUpEntries, position - subscription.reached))
    const documents = read.filter(isDocument)
    const states = await deps.parked.statesOf(tx, numbersOf(documents))
    const passed = documents.filter(({ number }) => (states.get(number) ?? 'skipped') !== 'skipped')
    if (passed.length > 0) await deps.oweTo(tx, subscription.id, numbersOf(passed))
    const refused = await way(laggingFacts(deps, subscription, onPut))(tx, documents.filter(({ number }) => !states.has(number)))
    const last = read.at(-1)?.number ?? position
    await deps.moveSubscription(tx, subscription.id, last >= position ? null : last)
    return refused
  })
  for (const one of parked ?? []) deps.onParked(one)
  return parked !== undefined
}
