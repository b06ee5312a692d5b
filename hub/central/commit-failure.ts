/**
 * What a failed transaction means for its messages. `busy`: it met another one and may be run again as it is. `lost`: the connection broke, and
 * if that was in COMMIT nobody knows yet whether it took place. `unavailable`: the database cannot write now. `data`: it refuses what one of the
 * messages holds. `fault`: anything else.
 */
export type CommitFailure = 'busy' | 'lost' | 'unavailable' | 'data' | 'fault'

/** By SQLSTATE (PostgreSQL documentation, appendix A), which an error of the connection has not. */
export const commitFailureOf = (error: unknown): CommitFailure => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (!(error instanceof Error)) return 'fault'
  // An error of the operating system: some of their codes, EPIPE among them, look like a SQLSTATE.
  if ('syscall' in error) return 'lost'
  if (!/^[0-9A-Z]{5}$/.test(code)) return code !== '' || connectionWords.test(error.message) ? 'lost' : 'fault'
  if (code === '40001' || code === '40P01' || code === '55P03') return 'busy'
  if (code.startsWith('08') || code === '57P01' || code === '57P02') return 'lost'
  if (/^(25006|28|3D|53|57|58|F0|XX)/.test(code)) return 'unavailable'
  return /^(21|22|23|54)/.test(code) ? 'data' : 'fault'
}

/** node-postgres has no codes for what it finds out itself. */
const connectionWords = /connection|timeout exceeded|not queryable|Client was closed/i
