import { errorEntry, type ErrorCode } from './error-registry.js'
import type { Failure } from './result.js'

/** The body of an application/problem+json (RFC 9457), with the registry's code and the failure's `at`. */
interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Names the occurrence by the number under which the request is logged. */
  readonly instance: string
  readonly code: ErrorCode
  readonly at: string
}

export const problemOf = (failure: Failure, requestId: string): Problem => {
  const { text, status } = errorEntry(failure.code)
  return {
    type: `urn:chainhub:error:${failure.code}`,
    title: text,
    status,
    detail: failure.detail,
    instance: `urn:chainhub:request:${encodeURIComponent(requestId)}`,
    code: failure.code,
    at: failure.at,
  }
}

interface ProblemReply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Long enough to let a quota's second or a short outage pass, short enough that nobody's queue grows stale. */
const usualRetryAfterSeconds = 2

/** When to come back, as the header of a reply that turns the caller away for now; empty where coming back is of no use. */
export const retryAfterOf = ({ code, retryAfterSeconds = usualRetryAfterSeconds }: Failure): Readonly<Record<string, string>> => {
  const { status } = errorEntry(code)
  return status === 429 || status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}
}

/** A failure as a whole reply: 401 says what to show (RFC 6750, section 3), 429 and 503 say when to come back. */
export const problemReply = (failure: Failure, requestId: string): ProblemReply => {
  const problem = problemOf(failure, requestId)
  return {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...challengeOf(problem), ...retryAfterOf(failure) },
    body: JSON.stringify(problem),
  }
}

const challengeOf = ({ code, status }: Problem): Readonly<Record<string, string>> =>
  (status === 401 ? { 'www-authenticate': code === 'credentials-invalid' ? 'Bearer realm="chainhub", error="invalid_token"' : 'Bearer realm="chainhub"' } : {})
