import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Credentials } from '../../schemas/credentials.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'

/** What a key may do: `admin` and `operator` everything, `channel` submits to its channel and sees its own messages' state. */
export const roles = ['admin', 'operator', 'channel'] as const
export type Role = (typeof roles)[number]

export interface Caller {
  readonly keyId: string
  readonly role: Role
  readonly channel: string | undefined
  readonly party: string | undefined
}

export interface AccessDeps {
  /** Looks a key up by the SHA-256 of its text, in hex; keys are never stored themselves. */
  readonly keyBySha256: (sha256: string) => Promise<Caller | undefined>
  /** The key that `start` leaves under the data folder, good while this process runs. */
  readonly operatorKey: string
  readonly nowMs: () => number
}

export interface Access {
  readonly callerOf: (credentials: Credentials) => Promise<Result<Caller>>
  /** The caller, if it may submit to this channel. */
  readonly authorise: (credentials: Credentials, channel: string) => Promise<Result<Caller>>
  /** The caller, if it may read and run everything. */
  readonly authoriseAll: (credentials: Credentials) => Promise<Result<Caller>>
}

/** How long a key that was looked up is trusted without asking again, in ms: a revoked key lives at most this much longer. */
const trustMs = 5_000
const cacheSize = 10_000

export const newKey = (): string => `chk_${randomBytes(32).toString('base64url')}`
export const sha256Of = (key: string): string => createHash('sha256').update(key, 'utf8').digest('hex')

export const makeAccess = (deps: AccessDeps): Access => {
  const cache = new Map<string, { readonly caller: Caller, readonly untilMs: number }>()
  const operatorSha256 = sha256Of(deps.operatorKey)
  const operator: Caller = { keyId: 'operator', role: 'operator', channel: undefined, party: undefined }
  const lookUp = async (token: string): Promise<Caller | undefined> => {
    const sha256 = sha256Of(token)
    if (timingSafeEqual(Buffer.from(sha256), Buffer.from(operatorSha256))) return operator
    const known = cache.get(sha256)
    if (known !== undefined && known.untilMs > deps.nowMs()) return known.caller
    const caller = await deps.keyBySha256(sha256)
    if (cache.size >= cacheSize) cache.clear()
    if (caller === undefined) cache.delete(sha256)
    else cache.set(sha256, { caller, untilMs: deps.nowMs() + trustMs })
    return caller
  }
  const callerOf = async (credentials: Credentials): Promise<Result<Caller>> => {
    if (credentials.type === 'none') return fail('credentials-missing', 'Authorization', 'Send the header `Authorization: Bearer KEY`.')
    const caller = await lookUp(credentials.token)
    return caller === undefined ? fail('credentials-invalid', 'Authorization', 'The key is not known or was revoked.') : ok(caller)
  }
  return {
    callerOf,
    authorise: async (credentials, channel) => {
      const caller = await callerOf(credentials)
      return !caller.ok || caller.value.role !== 'channel' || caller.value.channel === channel ? caller : forbidden(`The key is not one of the channel '${channel}'.`)
    },
    authoriseAll: async (credentials) => {
      const caller = await callerOf(credentials)
      return !caller.ok || caller.value.role !== 'channel' ? caller : forbidden('A channel\'s key submits and sees the state of its own messages, nothing else.')
    },
  }
}

const forbidden = (detail: string): Failure => fail('forbidden', 'Authorization', detail)
