import type { DeliveryResult } from '../../connectors/contract.js'
import type { Failure } from '../../schemas/result.js'
import { backOffMs, isExhausted, type RetryRules } from './back-off.js'

/** What becomes of a delivery after an attempt. */
export type Verdict =
  | { readonly type: 'sent' }
  | { readonly type: 'retry', readonly inMs: number }
  | { readonly type: 'park' }

export interface Judgement {
  readonly verdict: Verdict
  /** Whether it failed for reasons of the endpoint, whatever the document. */
  readonly endpointBad: boolean
  /** How long the endpoint asked to be left alone, in ms. */
  readonly holdMs: number | undefined
}

/** Before this attempt. */
export interface Tried {
  /** Attempts that failed since the delivery was made, or resumed. */
  readonly failed: number
  /** Since the first of them. */
  readonly ageMs: number
}

/** Wrong or expired credentials refuse every document alike. */
const deniedToAll: ReadonlySet<number | undefined> = new Set([401, 403, 407])

export const judgeAttempt = (result: DeliveryResult, tried: Tried, rules: RetryRules, random: () => number): Judgement => {
  if (result.ok) return { verdict: { type: 'sent' }, endpointBad: false, holdMs: undefined }
  // Who asks for less is well.
  const endpointBad = (result.retry && result.status !== 429) || deniedToAll.has(result.status)
  const failed = tried.failed + 1
  const { retryAfterMs } = result
  if (!result.retry || isExhausted({ failed, ageMs: tried.ageMs }, rules)) return { verdict: { type: 'park' }, endpointBad, holdMs: retryAfterMs }
  return { verdict: { type: 'retry', inMs: Math.max(backOffMs(failed, rules, random), retryAfterMs ?? 0) }, endpointBad, holdMs: retryAfterMs }
}

/** A document that could not be written in the endpoint's format, or was never let go. The endpoint has no part in it. */
export const parkedFor = (failure: Failure): { readonly result: DeliveryResult, readonly judgement: Judgement } => ({
  result: { ok: false, code: failure.code, at: failure.at, detail: failure.detail, retry: false, mayHaveTakenEffect: false },
  judgement: { verdict: { type: 'park' }, endpointBad: false, holdMs: undefined },
})
