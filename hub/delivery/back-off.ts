/** How often and how long a delivery is tried. */
export interface RetryRules {
  readonly firstMs: number
  readonly maxMs: number
  /** After so many that failed it is parked. */
  readonly attempts: number
  /** Since the first attempt, in ms; older than this it is parked when it fails. */
  readonly ageMs: number
}

/**
 * How long to wait after the `failed`-th attempt that failed, in ms: exponential back-off with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015). `random` gives from 0 up to 1.
 */
export const backOffMs = (failed: number, { firstMs, maxMs }: RetryRules, random: () => number): number =>
  Math.floor(random() * Math.min(maxMs, firstMs * 2 ** Math.min(failed, 60)))

/** Whether a delivery that failed again has had its chances. */
export const isExhausted = ({ failed, ageMs }: { readonly failed: number, readonly ageMs: number }, rules: RetryRules): boolean => failed >= rules.attempts || ageMs >= rules.ageMs
