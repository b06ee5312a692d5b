import { fail, ok, type Failure, type Result } from '../../schemas/result.js'

/** What one sender may send through a channel; what is not said is not limited. */
export interface Quota {
  /** Documents a second, over time. */
  readonly perSecond?: number | undefined
  /** Documents at once after a quiet time; by default those of a second. */
  readonly burst?: number | undefined
  /** Messages that may be under way at a time, from their last byte to their answer. */
  readonly concurrent?: number | undefined
}

export interface Quotas {
  /**
   * Counts a message of this sender, and gives how it is left: with the number of documents that it held, each of which counts. Fails with rate-limited, which says
   * when there is room again.
   */
  readonly enter: (channel: string, sender: string, quota: Quota | undefined) => Result<(documents: number) => void>
}

/** How much of a sender's quota is left: `tokens` were there at `atMs`, and may be below zero after a message of many documents. */
interface Account {
  tokens: number
  atMs: number
  underWay: number
}

/** So many senders are remembered before those are forgotten who have all of their quota. */
const mostAccounts = 10_000

/** A token bucket for each sender of a channel that has a quota. */
export const makeQuotas = ({ nowMs }: { readonly nowMs: () => number }): Quotas => {
  const accounts = new Map<string, Account>()
  return {
    enter: (channel, sender, quota) => {
      if (quota === undefined) return ok(() => undefined)
      const perSecond = quota.perSecond ?? Infinity
      const burst = quota.burst ?? Math.max(perSecond, 1)
      const key = `${channel}\0${sender}`
      const account = accounts.get(key) ?? { tokens: burst, atMs: nowMs(), underWay: 0 }
      if (accounts.size >= mostAccounts) forgetIdle(accounts, nowMs())
      accounts.set(key, account)
      fill(account, nowMs(), perSecond, burst)
      if (account.underWay >= (quota.concurrent ?? Infinity)) return refuse(channel, 1, `${account.underWay} messages are under way already, as many as the channel takes of one sender; wait for the answer to one of them.`)
      if (account.tokens < 1) return refuse(channel, Math.ceil((1 - account.tokens) / perSecond), `The channel takes ${perSecond} documents a second of one sender, ${burst} at once.`)
      account.tokens -= 1
      account.underWay += 1
      return ok((documents) => {
        account.underWay -= 1
        account.tokens -= Math.max(documents - 1, 0)
      })
    },
  }
}

const fill = (account: Account, nowMs: number, perSecond: number, burst: number): void => {
  const seconds = Math.max(nowMs - account.atMs, 0) / 1000
  account.tokens = seconds === 0 ? account.tokens : Math.min(burst, account.tokens + seconds * perSecond)
  account.atMs = nowMs
}

/** An account that nothing was taken from for an hour is full, or as good as. */
const idleMs = 3_600_000

const forgetIdle = (accounts: Map<string, Account>, nowMs: number): void => {
  for (const [key, { underWay, atMs }] of accounts) if (underWay === 0 && nowMs - atMs > idleMs) accounts.delete(key)
}

const refuse = (channel: string, retryAfterSeconds: number, detail: string): Failure => ({ ...fail('rate-limited', `channel ${channel}`, detail), retryAfterSeconds })
