import { createHmac } from 'node:crypto'
import type { Logger } from 'pino'
import { errorRegistry, type ErrorCode } from '../../schemas/error-registry.js'
import type { ParkedRow } from '../../schemas/parked-entry.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { ownerOfLease } from '../central/leases.js'
import type { Database } from '../ops/database.js'
import { noOwner, type FollowerServices } from './follower-services.js'
import type { FollowerName } from './kept-follower.js'

interface AskDeps {
  readonly central: Database
  /** What processes of one hub show each other. */
  readonly key: () => string
  readonly log: Logger
}

/** How long the owner may take to begin its answer, in ms. A query of ten million facts takes a fiftieth of that. */
const patienceMs = 5_000

/** What the processes of one hub show each other: whoever has the hub's secret key can tell it. */
export const makeInternalKey = (secretKey: () => Uint8Array): (() => string) => {
  let key: string | undefined
  return () => (key ??= `chi_${createHmac('sha256', secretKey()).update('chainhub: between processes').digest('base64url')}`)
}

/** The services of the followers that other processes keep, asked over HTTP. */
export const askOwners = (deps: AskDeps): FollowerServices & { readonly hurry: (follower: FollowerName, number: number, timeoutMs: number) => void } => {
  const post = async (follower: FollowerName, what: string, body: unknown, timeoutMs = patienceMs): Promise<Result<Response>> => {
    const owner = await ownerOfLease(deps.central, follower)
    if (owner?.url === undefined) return noOwner(follower)
    const ended = new AbortController()
    const timer = setTimeout(() => { ended.abort() }, timeoutMs)
    try {
      const answer = await fetch(new URL(`/internal/followers/${follower}/${what}`, owner.url), {
        method: 'POST', body: JSON.stringify(body), signal: ended.signal, headers: { 'content-type': 'application/json', 'authorization': `Bearer ${deps.key()}` },
      })
      return answer.ok ? ok(answer) : refusalOf(follower, answer)
    } catch (error) {
      deps.log.warn({ err: error, follower, owner: owner.id }, 'the owner of a follower was not reached')
      return noOwner(follower, ended.signal.aborted ? `The process that keeps it did not answer within ${timeoutMs} ms` : 'The process that keeps it is not reached')
    } finally {
      clearTimeout(timer)
    }
  }
  const ask = async (follower: FollowerName, what: string, body: unknown): Promise<Result<unknown>> => {
    const answer = await post(follower, what, body)
    if (!answer.ok) return answer
    const result: unknown = await answer.value.json()
    return resultOf(follower, result)
  }
  return {
    query: (cube, body) => ask('warehouse', 'query', { cube, body }),
    drill: (cube, body) => ask('warehouse', 'drill', { cube, body }),
    parked: async (wish) => {
      const found = await ask('warehouse', 'parked', wish)
      return found.ok ? ok(found.value as readonly ParkedRow[]) : found
    },
    digest: async (follower) => {
      const found = await ask(follower, 'digest', {})
      return found.ok ? ok(found.value as { readonly journalSeq: number, readonly digest: string }) : found
    },
    rebuild: async (follower) => {
      const answer = await post(follower, 'rebuild', {})
      if (!answer.ok) return answer
      if (answer.value.headers.get('content-type')?.startsWith('application/x-ndjson') === true && answer.value.body !== null) return ok(answer.value.body)
      const result: unknown = await answer.value.json()
      const told = resultOf(follower, result)
      return told.ok ? noOwner(follower) : told
    },
    hurry: (follower, number, timeoutMs) => {
      post(follower, 'hurry', { number, timeoutMs }).catch((error: unknown) => { deps.log.warn({ err: error, follower }, 'the owner of a follower was not told to hurry') })
    },
  }
}

const refusalOf = (follower: FollowerName, { status }: Response): Failure => (status === 401 || status === 403
  ? fail('no-owner', follower, 'The process that keeps it does not know this one: give all processes of the hub the same CHAINHUB_SECRET_KEY, or one data folder.')
  : noOwner(follower, `The process that keeps it answered ${status}`))

/** Processes send each other a Result as it is. */
const resultOf = (follower: FollowerName, given: unknown): Result<unknown> => {
  if (typeof given !== 'object' || given === null || !('ok' in given)) return noOwner(follower, 'The process that keeps it answered something else')
  if (given.ok === true && 'value' in given) return ok(given.value)
  return 'code' in given && isErrorCode(given.code) && 'at' in given && 'detail' in given ? fail(given.code, String(given.at), String(given.detail)) : noOwner(follower, 'The process that keeps it answered something else')
}

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorRegistry, code)
