import type { Result } from '../../schemas/result.js'
import { makeSignal } from './signal.js'

export interface LeaseDeps<Running> {
  /** Takes the lease where it is free; gives its epoch. */
  readonly acquire: () => Promise<number | undefined>
  /** Prolongs it, while `open` is at work too; false where another has taken it. */
  readonly renew: (epoch: number, running: Running | undefined) => Promise<boolean>
  readonly release: (epoch: number) => Promise<unknown>
  /** Begins what the lease is for. `lost` is called when it finds out by itself that another has taken over. A failure gives the lease back. */
  readonly open: (epoch: number, lost: () => void) => Promise<Result<Running>>
  readonly close: (running: Running) => Promise<void>
  /** Between two renewals, and two attempts. */
  readonly everyMs: number
  readonly onEvent: (event: LeaseEvent) => void
}

export type LeaseEvent =
  | { readonly type: 'gained' | 'lost', readonly epoch: number }
  | { readonly type: 'failed', readonly error: unknown }

/** Something that one process at a time does. */
export interface HeldLease<Running> {
  /** What this process runs; undefined while another does, or nobody. */
  readonly current: () => Running | undefined
  /** The outcome of the first attempt: undefined where another held the lease. */
  readonly first: Result<Running> | undefined
  /** Ends it and gives the lease back, so that another need not wait until it runs out. */
  readonly stop: () => Promise<void>
}

interface Held<Running> {
  readonly epoch: number
  readonly running: Running
  lost: boolean
}

/**
 * Tries to hold a lease for as long as it runs: takes it when it is free, keeps it, and gives up what it did when another has taken it. A database
 * that cannot be reached takes nothing from anybody: what is written is guarded by the epoch. Rejects where the first attempt does.
 */
export const holdLease = async <Running>(deps: LeaseDeps<Running>): Promise<HeldLease<Running>> => {
  const woken = makeSignal()
  let held: Held<Running> | undefined
  let stopped = false
  let renewing: Promise<unknown> = Promise.resolve()

  const gain = async (): Promise<Result<Running> | undefined> => {
    const epoch = await deps.acquire()
    if (epoch === undefined) return undefined
    const state = { lost: false }
    const lost = (): void => {
      state.lost = true
      if (held !== undefined) held.lost = true
      woken.raise()
    }
    // What is opened may take longer than the lease lasts.
    const prolonging = setInterval(() => { void deps.renew(epoch, undefined).then((isMine) => { if (!isMine) lost() }, () => undefined) }, deps.everyMs)
    const opened = await deps.open(epoch, lost).catch(async (error: unknown) => {
      await deps.release(epoch).catch(() => undefined)
      throw error
    }).finally(() => { clearInterval(prolonging) })
    if (!opened.ok) {
      await deps.release(epoch)
      return opened
    }
    held = { epoch, running: opened.value, lost: state.lost }
    deps.onEvent({ type: 'gained', epoch })
    return opened
  }
  const giveUp = async ({ epoch, running }: Held<Running>): Promise<void> => {
    held = undefined
    deps.onEvent({ type: 'lost', epoch })
    await deps.close(running)
    await deps.release(epoch)
  }
  const round = async (): Promise<void> => {
    if (held === undefined) {
      const gained = await gain()
      if (gained?.ok === false) deps.onEvent({ type: 'failed', error: gained })
    } else if (held.lost || !await deps.renew(held.epoch, held.running)) await giveUp(held)
  }
  const run = async (): Promise<void> => {
    while (!isStopped()) {
      await woken.wait(deps.everyMs)
      if (isStopped()) return
      await round().catch((error: unknown) => { deps.onEvent({ type: 'failed', error }) })
    }
  }
  const isStopped = (): boolean => stopped
  const first = await gain()
  renewing = run()
  return {
    current: () => (held?.lost === true ? undefined : held?.running),
    first,
    stop: async () => {
      stopped = true
      woken.raise()
      await renewing
      if (held === undefined) return
      const { epoch, running } = held
      held = undefined
      await deps.close(running)
      // A database that is gone takes nothing back: the lease ends by itself.
      await deps.release(epoch).catch((error: unknown) => { deps.onEvent({ type: 'failed', error }) })
    },
  }
}
