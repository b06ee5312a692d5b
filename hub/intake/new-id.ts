export interface NewIdDeps {
  readonly nowMs: () => number
  /** A UUID of version 4. */
  readonly randomUuid: () => string
}

/** How many ids of one millisecond 12 bits can count. */
const mostOfOneMs = 0x1000

/**
 * Gives version 7 UUIDs (RFC 9562, section 5.7), each greater than the one before: the 12 bits behind the time count the ids of one millisecond
 * (section 6.2, method 1), and where these run out or the clock goes back the time runs ahead of the clock.
 */
export const makeNewId = ({ nowMs, randomUuid }: NewIdDeps): (() => string) => {
  let lastMs = 0
  let count = 0
  let head = ''
  return () => {
    const ms = nowMs()
    count += 1
    if (ms > lastMs || count === mostOfOneMs) {
      lastMs = Math.max(ms, lastMs + 1)
      count = 0
      const time = lastMs.toString(16).padStart(12, '0')
      head = `${time.slice(0, 8)}-${time.slice(8)}-7`
    }
    return head + count.toString(16).padStart(3, '0') + randomUuid().slice(18)
  }
}
