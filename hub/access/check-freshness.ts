import type { MessageTimestamp } from '../../schemas/credentials.js'
import { fail, ok, type Result } from '../../schemas/result.js'

/** How old a message may be, and how far ahead its sender's clock. */
export interface FreshnessLimits {
  readonly maxAgeMs: number
  readonly maxAheadMs: number
}

/**
 * Whether a moment is neither too old nor from the future. Written without white space around, with four digits of the year and with
 * its zone, so that what a digest was made of can be read in one way only. Fails with security-invalid and security-expired.
 */
export const checkCreated = (created: string, nowMs: number, { maxAgeMs, maxAheadMs }: FreshnessLimits, at: string): Result<number> => {
  const createdMs = readInstant(created)
  if (createdMs === undefined) return fail('security-invalid', at, `${JSON.stringify(created)} is no moment with its zone, as 2026-11-21T08:30:00Z is.`)
  if (createdMs < nowMs - maxAgeMs) return fail('security-expired', at, `It was made at ${created}; the hub's clock says ${new Date(nowMs).toISOString()} and takes what is at most ${maxAgeMs / 1000} s old.`)
  if (createdMs > nowMs + maxAheadMs) return fail('security-expired', at, `It was made at ${created}; the hub's clock says only ${new Date(nowMs).toISOString()}.`)
  return ok(createdMs)
}

/** A Timestamp must be young enough whatever end it names for itself, since what was used is remembered only so long. */
export const checkTimestamp = ({ created, expires }: MessageTimestamp, nowMs: number, limits: FreshnessLimits, at: string): Result<void> => {
  const createdMs = checkCreated(created, nowMs, limits, `${at}.Created`)
  if (!createdMs.ok) return createdMs
  if (expires === undefined) return ok(undefined)
  const expiresMs = readInstant(expires)
  if (expiresMs === undefined || expiresMs < createdMs.value) return fail('security-invalid', `${at}.Expires`, `${JSON.stringify(expires)} is no moment after ${created}.`)
  return expiresMs <= nowMs ? fail('security-expired', `${at}.Expires`, `It ended at ${expires}; the hub's clock says ${new Date(nowMs).toISOString()}.`) : ok(undefined)
}

const readInstant = (text: string): number | undefined => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
