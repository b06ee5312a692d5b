export interface BreakerRules {
  /** So many attempts in a row that fail for the endpoint's own reasons open it. */
  readonly failures: number
  /** How long it is left alone before a probe, in ms. */
  readonly probeMs: number
}

/** How an endpoint fares. While it is open, one delivery at a time is let through as a probe. */
export interface Health {
  readonly failures: number
  readonly open: boolean
}

export const healthy: Health = { failures: 0, open: false }

/** `held`: stays open, until the next probe. */
export type HealthChange = 'opened' | 'held' | 'recovered' | undefined

/** The breaker after one more attempt; a probe that reaches the endpoint closes it (M. Nygard, "Release It!", chapter 5, circuit breaker). */
export const afterAttempt = (health: Health, wasBad: boolean, rules: BreakerRules): { readonly health: Health, readonly change: HealthChange } => {
  if (!wasBad) return { health: healthy, change: health.open ? 'recovered' : undefined }
  const failures = health.failures + 1
  const open = health.open || failures >= rules.failures
  return { health: { failures, open }, change: open ? health.open ? 'held' : 'opened' : undefined }
}
