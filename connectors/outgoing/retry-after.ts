/** No partner is left alone for longer, in ms. */
const longestMs = 86_400_000

/** How long a Retry-After header asks to wait, in ms: seconds, or a date of HTTP (RFC 9110, section 10.2.3). Undefined where it says neither. */
export const readRetryAfter = (header: string | undefined, nowMs: number): number | undefined => {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestMs)
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - nowMs, 0), longestMs)
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** Of the answers whose Retry-After speaks of the request: 429 (RFC 6585) and 503. */
export const retryAfterOf = ({ status, headers }: Answer, nowMs: number): { readonly retryAfterMs?: number } => {
  const retryAfterMs = status === 429 || status === 503 ? readRetryAfter(headers['retry-after'], nowMs) : undefined
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}
