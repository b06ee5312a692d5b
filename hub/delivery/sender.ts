import type { DeliveryResult } from '../../connectors/contract.js'
import type { ClaimedLane, DueDelivery, PreparedPayload, Slots } from '../central/deliveries/claim-lanes.js'
import type { FinishedAttempt } from '../central/deliveries/finish-attempts.js'
import { fail, type Result } from '../../schemas/result.js'
import { cutText } from '../../schemas/storable.js'
import { makeSignal } from '../journal/signal.js'
import type { Endpoint } from './endpoint.js'
import { judgeAttempt, parkedFor, type Judgement } from './judge-attempt.js'

/** An attempt with what it says of its endpoint. */
export interface JudgedAttempt extends FinishedAttempt {
  readonly endpointBad: boolean
  readonly holdMs: number | undefined
}

/** Bytes that can leave. */
interface Outgoing {
  readonly type: 'xml' | 'json' | 'csv' | 'text'
  readonly bytes: Uint8Array
}

/** What is kept, and the same as it leaves. */
export interface WrittenPayload extends PreparedPayload {
  readonly bytes: Uint8Array
}

export interface SenderDeps {
  readonly endpoints: ReadonlyMap<string, Endpoint>
  /** Claims queues and reads their first deliveries. */
  readonly claim: (slots: readonly Slots[], leaseMs: number) => Promise<readonly { readonly lane: ClaimedLane, readonly deliveries: readonly DueDelivery[] }[]>
  readonly renew: (claims: readonly ClaimedLane[], leaseMs: number) => Promise<ReadonlySet<number>>
  /** Writes documents in the endpoint's format, as they will leave each time, and keeps them. Rejects where another sender has kept one meanwhile. */
  readonly prepare: (endpoint: Endpoint, deliveries: readonly DueDelivery[]) => Promise<ReadonlyMap<string, Result<WrittenPayload>>>
  readonly unpack: (payload: Uint8Array) => Promise<Uint8Array>
  /** Resolves when what became of the attempt is committed: true where the claim held until then. */
  readonly finish: (attempt: JudgedAttempt) => Promise<boolean>
  /** Gives back a queue that was claimed and of which nothing was tried. */
  readonly release: (lane: ClaimedLane) => Promise<unknown>
  readonly random: () => number
  readonly nowMs: () => number
  readonly onAttempt: (endpoint: string, outcome: 'sent' | 'retry' | 'park', seconds: number) => void
  readonly onError: (error: unknown, text: string) => void
}

export interface Sender {
  /** Says that there may be something to send. */
  readonly poke: () => void
  /** Claims nothing more, and resolves when what is under way has ended, or after `graceMs`. */
  readonly stop: (graceMs: number) => Promise<void>
}

/** How long a claim holds unless it is renewed, in ms: after so long another sends what a killed sender had under way. */
const leaseMs = 15_000
const renewMs = 5_000
/** How often what is due is looked for without a poke: back-off is no finer, and another process may have put something. */
const idleMs = 250
const afterErrorMs = 1_000
/** Claims in a row during which the hub ended: the delivery may be what ends it. */
const mostLost = 5

/** A queue that is being worked off, and whether another may have it by now. */
interface Run {
  readonly lane: ClaimedLane
  isHeld: boolean
}

export const startSender = (deps: SenderDeps): Sender => {
  const wake = makeSignal()
  const runs = new Set<Run>()
  let stopped = false

  const slots = (): readonly Slots[] => {
    const busy = new Map<string, number>()
    for (const { lane } of runs) busy.set(lane.endpoint, (busy.get(lane.endpoint) ?? 0) + 1)
    return [...deps.endpoints.values()].map(({ id, concurrency }) => ({ endpoint: id, slots: concurrency - (busy.get(id) ?? 0) })).filter((one) => one.slots > 0)
  }
  const begin = async (lane: ClaimedLane, deliveries: readonly DueDelivery[]): Promise<void> => {
    const run: Run = { lane, isHeld: true }
    runs.add(run)
    try {
      await workOff(deps, run, deliveries, () => stopped)
    } catch (error) {
      deps.onError(error, 'a queue of deliveries could not be worked off; it will be again when its lease has ended')
    } finally {
      runs.delete(run)
      wake.raise()
    }
  }
  const look = async (): Promise<boolean> => {
    const free = slots()
    if (free.length === 0) return false
    const claimed = await deps.claim(free, leaseMs)
    for (const { lane, deliveries } of claimed) void begin(lane, deliveries)
    return claimed.length > 0
  }
  const main = async (): Promise<void> => {
    while (!isStopped()) {
      const found = await look().catch(async (error: unknown) => {
        if (!isStopped()) deps.onError(error, 'deliveries could not be claimed; it is tried again')
        await wake.wait(afterErrorMs)
        return false
      })
      if (!found && !isStopped()) await wake.wait(idleMs)
    }
  }
  const isStopped = (): boolean => stopped
  const renewing = setInterval(() => {
    const held = [...runs].filter(({ isHeld }) => isHeld)
    if (held.length === 0) return
    deps.renew(held.map(({ lane }) => lane), leaseMs).then((kept) => {
      for (const run of held) run.isHeld = kept.has(run.lane.id)
    }, (error: unknown) => { deps.onError(error, 'the leases of deliveries could not be renewed') })
  }, renewMs)
  const running = main()
  return {
    poke: wake.raise,
    stop: async (graceMs) => {
      stopped = true
      wake.raise()
      await running
      const deadline = new Promise((resolve) => { setTimeout(resolve, graceMs).unref() })
      const idle = async (): Promise<void> => { while (runs.size > 0) await wake.wait(idleMs) }
      await Promise.race([idle(), deadline])
      clearInterval(renewing)
    },
  }
}

/** Sends the deliveries of one queue, one after the other, until one fails. */
const workOff = async (deps: SenderDeps, run: Run, deliveries: readonly DueDelivery[], isStopped: () => boolean): Promise<void> => {
  const { lane } = run
  const endpoint = deps.endpoints.get(lane.endpoint)
  if (endpoint === undefined || deliveries.length === 0) {
    await deps.release(lane)
    return
  }
  const unwritten = deliveries.filter(({ payload }) => payload === null)
  const prepared = unwritten.length === 0 ? new Map<string, Result<WrittenPayload>>() : await deps.prepare(endpoint, unwritten)
  const finishing: Promise<boolean>[] = []
  for (const [index, delivery] of deliveries.entries()) {
    const ready = prepared.get(delivery.id)
    const isLast = index === deliveries.length - 1 || isStopped()
    const unsent = ready?.ok === false ? ready : lane.lost >= mostLost && index === 0 ? lostTooOften : undefined
    const startedMs = deps.nowMs()
    const { result, judgement } = unsent === undefined ? await attempt(deps, endpoint, lane, delivery, await outgoing(deps, ready, delivery)) : parkedFor(unsent)
    // Another has it by now, and will find out for itself.
    if (!run.isHeld) break
    const releases = isLast || judgement.verdict.type !== 'sent'
    const tookMs = deps.nowMs() - startedMs
    deps.onAttempt(endpoint.id, judgement.verdict.type, tookMs / 1000)
    const finished = deps.finish(attemptOf(lane, delivery, result, judgement, { tookMs, releases }))
    // Waited for behind the last: the next delivery need not wait for the disk.
    finished.catch(() => undefined)
    finishing.push(finished)
    if (releases) break
  }
  await Promise.all(finishing)
}

const outgoing = async (deps: SenderDeps, ready: Result<WrittenPayload> | undefined, { payload, payloadType }: DueDelivery): Promise<Outgoing> =>
  (ready?.ok === true ? { type: ready.value.payloadType, bytes: ready.value.bytes } : { type: payloadType ?? 'xml', bytes: await deps.unpack(payload ?? new Uint8Array()) })

const lostTooOften = fail('partner-interrupted', 'hub', `The hub ended ${mostLost} times in a row while this delivery was under way; see whether it is the cause, then resume it.`)

const attempt = async (deps: SenderDeps, endpoint: Endpoint, lane: ClaimedLane, delivery: DueDelivery, payload: Outgoing): Promise<{ readonly result: DeliveryResult, readonly judgement: Judgement }> => {
  const result = await endpoint.line.deliver({ operation: endpoint.operationOf(delivery.kind ?? undefined), payload, place: { id: delivery.id, key: lane.key, sequence: delivery.sequence } })
  return { result, judgement: judgeAttempt(result, delivery, endpoint.retry, deps.random) }
}

const mostAnswer = 2_000

const attemptOf = (lane: ClaimedLane, delivery: DueDelivery, result: DeliveryResult, { verdict, endpointBad, holdMs }: Judgement, { tookMs, releases }: { readonly tookMs: number, readonly releases: boolean }): JudgedAttempt => {
  const { status, body } = result.ok ? result.value : result
  return {
    lane: lane.id, lease: lane.lease, deliveryId: delivery.id, sequence: delivery.sequence, endpoint: lane.endpoint, verdict, tookMs, status, releases, endpointBad, holdMs,
    received: result.ok && result.value.receiptPending !== true,
    failure: result.ok ? undefined : { code: result.code, at: cutText(result.at, mostAnswer), detail: cutText(result.detail, mostAnswer) },
    answer: body === undefined || body.length === 0 ? undefined : cutText(Buffer.from(body.subarray(0, mostAnswer)).toString('utf8'), mostAnswer),
  }
}
