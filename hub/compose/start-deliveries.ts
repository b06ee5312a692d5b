import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Logger } from 'pino'
import type { Translator } from '../../mappings/engine/translator.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import { ok } from '../../schemas/result.js'
import { closeAlert, raiseAlert } from '../central/alerts.js'
import { alertParked, alertStandstills, type FollowerWaiting } from '../central/follower-alerts.js'
import { acknowledgementWished, documentsOfLanguages } from '../central/deliveries/acknowledgement-wished.js'
import { answerableDeliveries, markAnswered, takeOverdue } from '../central/deliveries/answer-deliveries.js'
import { anythingDue, claimLanes, dueDeliveries, renewLeases, type ClaimedLane, type Slots } from '../central/deliveries/claim-lanes.js'
import { lockHeldLanes, moveLanes } from '../central/deliveries/finish-attempts.js'
import { finishBatch } from '../central/deliveries/finish-batch.js'
import { isOwner, lockPosition, movePosition, readPosition, takePosition } from '../central/deliveries/position.js'
import { oweAll, owedOf, oweTo, settleOwed } from '../central/deliveries/owed-deliveries.js'
import { deliveryParked } from '../central/deliveries/parked-entries.js'
import { payloadOf } from '../central/deliveries/read-deliveries.js'
import { putDeliveries } from '../central/deliveries/put-deliveries.js'
import { laggingSubscription, liveSubscriptions, moveSubscription } from '../central/deliveries/subscriptions.js'
import { documentsByIds } from '../central/documents.js'
import { entriesAfter, entriesNumbered, journalHead } from '../central/journal.js'
import { acquireLease, releaseLease, renewLease } from '../central/leases.js'
import { makeDeliveryFollower, type DeliveryFollower, type DeliveryFollowerDeps } from '../delivery/delivery-follower.js'
import { makeGathering } from '../delivery/gather.js'
import { startSender, type JudgedAttempt, type SenderDeps } from '../delivery/sender.js'
import type { Channel } from '../intake/channel.js'
import { startFollowLoop, type FollowLoop } from '../journal/follow-loop.js'
import { holdLease } from '../journal/hold-lease.js'
import type { Database } from '../ops/database.js'
import type { Metrics } from '../ops/metrics.js'
import { startRepeating } from '../ops/repeat.js'
import { acknowledgeGiants } from './acknowledge-giants.js'
import { acknowledgeInterchanges } from './acknowledge-interchanges.js'
import type { OpenedEndpoints } from './open-endpoints.js'
import { makeWriteDeliveries } from './write-deliveries.js'
import { tellAlerts } from './tell-alerts.js'
import { tellParked } from './tell-parked.js'

interface DeliveriesDeps extends Pick<OpenedEndpoints, 'endpoints' | 'alerts'> {
  /** The id of this process: of several one follows the journal. */
  readonly owner: string
  readonly central: Database
  readonly translator: Translator
  readonly channels: ReadonlyMap<string, Channel>
  readonly metrics: Metrics
  readonly log: Logger
  readonly entriesAfter: (after: number, limit: number) => Promise<readonly JournalEntry[]>
  readonly keysOfParties: DeliveryFollowerDeps['keysOfParties']
  /** What followers have parked, of those that can say so at this moment. */
  readonly waiting: () => Promise<readonly FollowerWaiting[]>
}

export interface Deliveries {
  /** Says that the journal has grown. */
  readonly poke: () => void
  /** Says that a subscription was put, or a delivery acted on. */
  readonly changed: () => void
  /** Resolves when all entries so far were followed and everything is sent or parked, or after `timeoutMs`. */
  readonly settled: (timeoutMs: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/** How long entries gather for a batch, in ms: where much comes, for as long as for CRM, which then reads the same of the journal. */
const gatherMs = 50
const busyGatherMs = 150
/** How often subscriptions that lag, stages that are overdue and alerts are looked for, in ms. */
const roundMs = 1_000
/** Of one queue, claimed at a time. */
const mostOfQueue = 10
const graceMs = 5_000
/** How long the lease of the follower lasts and how often it is prolonged, in ms. */
const leaseMs = 4_000
const renewMs = 1_000
const settleMs = 50
const mostOverdue = 100

const unpack = promisify(gunzip)

/** Sends what is queued, watches over answers, and follows the journal for subscriptions unless another process does. */
export const startDeliveries = async (deps: DeliveriesDeps): Promise<Deliveries> => {
  const { central, endpoints, metrics, log } = deps
  const sender = startSender({ ...senderDeps(deps), endpoints })
  const parts = followerDeps(deps, sender.poke)
  const { name, catchUp } = makeDeliveryFollower(parts)
  const lease = await holdLease<FollowLoop>({
    acquire: () => acquireLease(central, name, deps.owner, leaseMs),
    renew: (epoch, loop) => renewLease(central, name, deps.owner, epoch, leaseMs, loop && { position: loop.passed(), failing: loop.standstill() }),
    release: (epoch) => releaseLease(central, name, deps.owner, epoch),
    open: async (_epoch, lost) => ok(await followJournal(deps, makeDeliveryFollower(parts), lost)),
    close: (loop) => loop.stop(),
    everyMs: renewMs,
    onEvent: (event) => {
      if (event.type === 'failed') log.error({ follower: name, err: event.error }, 'the follower could not be kept; it will be tried again')
    },
  })
  const round = async (): Promise<void> => {
    await catchUp()
    await alertOverdue(central)
    await alertStandstills(central)
    if (await acknowledgeInterchanges(deps) > 0) sender.poke()
    await tellAlerts({ central, log, metrics, to: deps.alerts, onPut: sender.poke })
  }
  let rounds = Promise.resolve()
  const onError = (error: unknown): void => { log.error({ err: error }, 'subscriptions and alerts could not be looked after; they will be with the next round') }
  const goRound = (): Promise<void> => (rounds = rounds.then(round).catch(onError))
  let stopped = false
  // Beside the rounds: to go through a giant takes its time.
  const large = startRepeating({
    everyMs: roundMs,
    work: async () => { if (await acknowledgeGiants({ ...deps, isStopped: () => stopped }) > 0) sender.poke() },
    onError: (error) => { log.error({ err: error }, 'a giant could not be acknowledged; it is tried again') },
  })
  // Neither do alerts about what else goes wrong wait for a database that does not answer.
  const parking = startRepeating({
    everyMs: roundMs,
    work: async () => { await alertParked(central, await deps.waiting()) },
    onError: (error) => { log.error({ err: error }, 'it could not be looked what followers have parked; it will be with the next round') },
  })
  const repeating = startRepeating({ everyMs: roundMs, work: goRound, onError })
  return {
    poke: () => { lease.current()?.poke() },
    changed: () => {
      sender.poke()
      void goRound()
    },
    settled: async (timeoutMs) => {
      const deadlineMs = performance.now() + timeoutMs
      const head = await journalHead(central)
      const isSettled = async (): Promise<boolean> => {
        if (await readPosition(central) < head) return false
        // A subscription may have begun where the follower had yet to come to.
        await goRound()
        return !await anythingDue(central)
      }
      while (performance.now() < deadlineMs && !await isSettled()) await setTimeout(settleMs)
    },
    stop: async () => {
      stopped = true
      // Each stops, whatever keeps another from it.
      await Promise.allSettled([lease.stop(), repeating.stop(), large.stop(), parking.stop()])
      await rounds
      await sender.stop(graceMs)
    },
  }
}

const followJournal = (deps: DeliveriesDeps, follower: DeliveryFollower, onOusted: () => void): Promise<FollowLoop> => startFollowLoop({
  follower, gatherMs, busyGatherMs, onOusted, entriesAfter: deps.entriesAfter, settle: () => Promise.resolve(),
  onPassed: (position) => { deps.metrics.followerPassed(follower.name, position) },
  onFailure: (error, journalSeq, retryInMs) => {
    deps.metrics.followerFailed(follower.name)
    deps.log.error({ err: error, follower: follower.name, journalSeq, retryInMs }, 'a follower failed before this entry or in its batch and will try again')
  },
})

const followerDeps = ({ central, translator, endpoints, keysOfParties, metrics, log }: DeliveriesDeps, onPut: () => void): DeliveryFollowerDeps => ({
  endpoints, keysOfParties, onPut,
  transaction: central.transaction, takePosition: () => takePosition(central), readPosition: () => readPosition(central), isOwner: (epoch) => isOwner(central, epoch),
  lockPosition, movePosition, liveSubscriptions, laggingSubscription, moveSubscription, entriesAfter, entriesNumbered, putDeliveries, markAnswered, acknowledgementWished,
  documents: async (tx, ids) => new Map(ids.length === 0 ? [] : (await documentsByIds(tx, ids)).map(({ id, document }) => [id, document])),
  parked: deliveryParked, oweAll, oweTo, owedOf, settleOwed, onParked: tellParked('deliveries', metrics, log),
  answerable: answerableDeliveries,
  cameInInterchanges: (tx, ids) => documentsOfLanguages(tx, ids, (language) => translator.familyOf(language)),
  sentBytes: async (tx, id) => {
    const stored = await payloadOf(tx, id)
    return stored?.payload == null ? undefined : unpack(stored.payload)
  },
  noteAcknowledgement: async (tx, { system, number, isSending, documentId, isKnown }) => {
    const subject = { kind: 'acknowledgement-unknown', subject: system }
    if (isKnown) await closeAlert(tx, subject)
    else await raiseAlert(tx, { ...subject, detail: `The document ${documentId} acknowledges the ${isSending ? 'message' : 'interchange'} ${number.slice(0, 200)}, and no delivery to an endpoint of the system ${system} has that number. It is kept; see whether the partner means another system.` })
  },
})

const senderDeps = ({ central, translator, endpoints, metrics, log }: DeliveriesDeps): Omit<SenderDeps, 'endpoints'> => {
  const breakerOf = (endpoint: string) => endpoints.get(endpoint)?.breaker ?? { failures: Infinity, probeMs: roundMs }
  const finish = makeGathering<JudgedAttempt, boolean>((attempts) => finishBatch(central, attempts, breakerOf), { most: 256, tries: 3 })
  return {
    claim: (slots, leaseMs) => claim(central, slots, leaseMs),
    renew: (claims, leaseMs) => renewLeases(central, claims, leaseMs),
    prepare: makeWriteDeliveries(central, translator),
    unpack: (payload) => unpack(payload),
    finish,
    release: (lane) => central.transaction(async (tx) => {
      const held = await lockHeldLanes(tx, [{ lane: lane.id, lease: lane.lease }])
      if (held.size > 0) await moveLanes(tx, [{ lane: lane.id, next: lane.nextSequence, then: 'due' }])
    }),
    random: Math.random,
    nowMs: () => performance.now(),
    onAttempt: metrics.deliveryTried,
    onError: (err, text) => { log.error({ err }, text) },
  }
}

const claim = (central: Database, slots: readonly Slots[], leaseMs: number): ReturnType<SenderDeps['claim']> => central.transaction(async (tx) => {
  const lanes: readonly ClaimedLane[] = await claimLanes(tx, slots, leaseMs)
  const deliveries = lanes.length === 0 ? [] : await dueDeliveries(tx, lanes, mostOfQueue)
  return lanes.map((lane) => ({ lane, deliveries: deliveries.filter((delivery) => delivery.lane === lane.id) }))
})

const alertOverdue = (central: Database): Promise<void> => central.transaction(async (tx) => {
  for (const { id, endpoint, key, sentAt, notReceived, notUnderstood, notAnswered } of await takeOverdue(tx, mostOverdue)) {
    const late = [...(notReceived ? ['received'] : []), ...(notUnderstood ? ['understood'] : []), ...(notAnswered ? ['answered'] : [])]
    for (const stage of late) await raiseAlert(tx, { kind: `${stage}-overdue`, subject: id, detail: `The delivery of ${key} to ${endpoint}, sent ${sentAt}, was not ${stage} in time.` })
  }
})
