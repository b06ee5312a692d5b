import type { ErrorCode } from './error-registry.js'

/**
 * What went wrong, as a value. `at` says where: a line and column (`12:7`), a path in the document
 * (`lines[2].quantity`) or the name of a setting. `detail` says what was found and what to do, in a sentence for a person.
 */
export interface Failure {
  readonly ok: false
  readonly code: ErrorCode
  readonly at: string
  readonly detail: string
  /** When the same may succeed, where that is known. */
  readonly retryAfterSeconds?: number
}

/** The outcome of anything that can be expected to fail. Bugs throw instead. */
export type Result<T> = { readonly ok: true; readonly value: T } | Failure

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })

export const fail = (code: ErrorCode, at: string, detail: string): Failure => ({ ok: false, code, at, detail })
