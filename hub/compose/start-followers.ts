import { ok, type Result } from '../../schemas/result.js'
import { openWarehouse } from '../../warehouse/open-warehouse.js'
import { acquireLease, positionsOfLeases, publishPosition, releaseLease, renewLease } from '../central/leases.js'
import { entriesAfter, entriesNumbered } from '../central/journal.js'
import type { FollowLoop } from '../journal/follow-loop.js'
import { makeFollowerView, shareReading, type FollowerView } from '../journal/follower-view.js'
import { holdLease, type HeldLease, type LeaseEvent } from '../journal/hold-lease.js'
import { makeLatest } from '../journal/latest.js'
import { shareEntries, type ReadEntries } from '../journal/shared-entries.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import { keepCrm } from './keep-crm.js'
import { keepWarehouse } from './keep-warehouse.js'
import { followerNames, type FollowerName, type FollowParts, type KeptFollower, type KeptWarehouse, type LoopParts } from './kept-follower.js'
import type { OwnProcess } from './register-process.js'

/** The followers that this process keeps, while it does. */
export interface KeptFollowers {
  readonly crm: () => KeptFollower | undefined
  readonly warehouse: () => KeptWarehouse | undefined
}

export interface Followers {
  /** How far each is, whichever process keeps it. */
  readonly loops: Readonly<Record<FollowerName, FollowerView>>
  readonly kept: KeptFollowers
  /** Says that the journal may have grown. */
  readonly poke: () => void
  /** The journal as the followers of this process read it: what one fetched the others find. */
  readonly entriesAfter: ReadEntries
  readonly stop: () => Promise<void>
}

/** How long a lease lasts and how often it is prolonged, in ms: whoever is killed or paused is replaced within five seconds. */
const leaseMs = 4_000
const renewMs = 1_000

export interface FollowersDeps extends FollowParts {
  readonly own: OwnProcess
  /** Whether this process keeps followers when it can. */
  readonly keeps: boolean
  /** Whether a warehouse file that another process has open is a reason not to start: it is where this process would be a second hub on the same data. */
  readonly warehouseMustOpen: boolean
  /** Tells the owner of a follower that somebody waits. */
  readonly hurry: (name: FollowerName, number: number, timeoutMs: number) => void
  /** Where the journal is read; the table where it is missing. */
  readonly entriesAfter?: LoopParts['entriesAfter'] | undefined
}

/** Keeps the followers that no other process keeps, and knows of all how far they are. Fails with data-in-use where the warehouse's file is another's. */
export const startFollowers = async (deps: FollowersDeps): Promise<Result<Followers>> => {
  const kept = deps.keeps ? await keepFollowers(deps) : ok(noFollowers(deps))
  if (!kept.ok) return kept
  const { current, entriesAfter: readEntries, stop } = kept.value
  let last: Readonly<Record<string, number>> = {}
  const read = shareReading(async () => (last = await positionsOfLeases(deps.central)))
  const viewOf = (name: FollowerName): FollowerView => makeFollowerView({
    local: () => current[name]()?.loop,
    published: async () => (await read())[name] ?? 0,
    lastPublished: () => last[name] ?? 0,
    hurry: (number, timeoutMs) => { deps.hurry(name, number, timeoutMs) },
    nowMs: elapsedMs,
  })
  return ok({
    loops: { crm: viewOf('crm'), warehouse: viewOf('warehouse') },
    kept: current,
    poke: () => { for (const name of followerNames) current[name]()?.loop.poke() },
    entriesAfter: readEntries,
    stop,
  })
}

interface Kept {
  readonly current: KeptFollowers
  readonly entriesAfter: ReadEntries
  readonly stop: () => Promise<void>
}

const noFollowers = ({ central }: FollowersDeps): Kept =>
  ({ current: { crm: () => undefined, warehouse: () => undefined }, entriesAfter: (after, limit) => entriesAfter(central, after, limit), stop: () => Promise.resolve() })

const keepFollowers = async (deps: FollowersDeps): Promise<Result<Kept>> => {
  const { central, metrics, log } = deps
  const leases: { crm?: HeldLease<KeptFollower>, warehouse?: HeldLease<KeptWarehouse> } = {}
  const current: KeptFollowers = { crm: () => leases.crm?.current(), warehouse: () => leases.warehouse?.current() }
  const keptLoops = (): readonly FollowLoop[] => followerNames.flatMap((name) => current[name]()?.loop ?? [])
  const entries = shareEntries(deps.entriesAfter ?? ((after, limit) => entriesAfter(central, after, limit)))
  const loopParts = (name: FollowerName, epoch: number): LoopParts => {
    const publish = makeLatest((position: number) => publishPosition(central, name, deps.own.id, epoch, position), (error) => { log.warn({ err: error, follower: name }, 'a position was not published; the next one will be') })
    return {
      entriesAfter: entries.entriesAfter,
      onMoved: () => { for (const loop of keptLoops()) loop.poke() },
      onPassed: (position) => {
        metrics.followerPassed(name, position)
        entries.forget(Math.min(...keptLoops().map((loop) => loop.passed())))
        if (deps.own.hasOthers()) publish(position)
      },
      onFailure: (error, journalSeq, retryInMs) => {
        metrics.followerFailed(name)
        log.error({ err: error, follower: name, journalSeq, retryInMs }, 'a follower failed before this entry or in its batch and will try again')
      },
    }
  }
  const hold = <Running extends KeptFollower>(name: FollowerName, open: (epoch: number, lost: () => void) => Promise<Result<Running>>): Promise<HeldLease<Running>> => holdLease<Running>({
    acquire: () => acquireLease(central, name, deps.own.id, leaseMs),
    renew: (epoch, running) => renewLease(central, name, deps.own.id, epoch, leaseMs, running && { position: running.loop.passed(), failing: running.loop.standstill(), waiting: running.waiting?.() }),
    release: (epoch) => releaseLease(central, name, deps.own.id, epoch),
    open,
    close: (running) => running.close(),
    everyMs: renewMs,
    onEvent: tellOf(deps, name),
  })
  const stop = async (): Promise<void> => { await Promise.all([leases.crm?.stop(), leases.warehouse?.stop()]) }
  leases.warehouse = await hold('warehouse', (epoch) => keepWarehouse(deps, loopParts('warehouse', epoch)))
  const unusable = deps.warehouseMustOpen ? leases.warehouse.first ?? await tryWarehouse(deps) : undefined
  if (unusable?.ok === false) {
    await stop()
    return unusable
  }
  leases.crm = await hold('crm', async (epoch, lost) => ok(await keepCrm(deps, loopParts('crm', epoch), lost)))
  return ok({ current, entriesAfter: entries.entriesAfter, stop })
}

/** Whether the file could be opened if the lease were free. */
const tryWarehouse = async ({ central, warehouseFile }: FollowersDeps): Promise<Result<unknown>> => {
  const opened = await openWarehouse({ file: warehouseFile, entriesNumbered: (numbers) => entriesNumbered(central, numbers) })
  if (opened.ok) await opened.value.close()
  return opened
}

const tellOf = ({ log }: FollowersDeps, follower: FollowerName) => (event: LeaseEvent): void => {
  switch (event.type) {
    case 'gained': log.info({ follower, epoch: event.epoch }, 'this process keeps the follower now'); break
    case 'lost': log.warn({ follower, epoch: event.epoch }, 'another process keeps the follower now'); break
    case 'failed': log.error({ follower, err: event.error }, 'the follower could not be kept; it will be tried again'); break
    default: event satisfies never
  }
}
