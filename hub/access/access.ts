import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Credentials, HeaderSecret, MessageSecurity } from '../../schemas/credentials.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'

/** What a key may do: `admin` and `operator` everything, `channel` submits to its channel and sees its own messages' state. */
export const roles = ['admin', 'operator', 'channel'] as const
export type Role = (typeof roles)[number]

export interface Caller {
  readonly keyId: string
  readonly role: Role
  readonly channel: string | undefined
  readonly party: string | undefined
  /** The name, `DOMAIN:IDENTITY`, with which the key may be shown in the header of a document. */
  readonly headerIdentity?: string | undefined
  /** The SHA-256 of the certificate by which the message was signed, in hex. */
  readonly signedBy?: string
}

export interface AccessDeps {
  /** Looks a key up by the SHA-256 of its text, in hex; keys are never stored themselves. */
  readonly keyBySha256: (sha256: string) => Promise<Caller | undefined>
  /** The key that `start` leaves under the data folder, good while this process runs. */
  readonly operatorKey: string
  /** What the hub's other processes show; missing where there can be none. */
  readonly processKey?: () => string
  /** Who sent a message that says so itself, beside the caller of its transport's key. It may be asked once for a message. */
  readonly messageSecurity: (security: MessageSecurity, bearer: Caller | undefined) => Promise<Result<Caller>>
  readonly nowMs: () => number
}

export interface Access {
  readonly callerOf: (credentials: Credentials) => Promise<Result<Caller>>
  /** The caller, if it may submit to this channel. */
  readonly authorise: (credentials: Credentials, channel: string) => Promise<Result<Caller>>
  /** The caller, if it may read and run everything. */
  readonly authoriseAll: (credentials: Credentials) => Promise<Result<Caller>>
  /** Whether it is another process of the hub. */
  readonly authoriseProcess: (credentials: Credentials) => Result<undefined>
}

/** How long a key that was looked up is trusted without asking again, in ms: a revoked key lives at most this much longer. */
const trustMs = 5_000
const cacheSize = 10_000

export const newKey = (): string => `chk_${randomBytes(32).toString('base64url')}`
export const sha256Of = (key: string): string => hash('sha256', key)

export const makeAccess = (deps: AccessDeps): Access => {
  const cache = new Map<string, { readonly caller: Caller, readonly untilMs: number }>()
  const operatorSha256 = sha256Of(deps.operatorKey)
  const operator: Caller = { keyId: 'operator', role: 'operator', channel: undefined, party: undefined }
  const lookUp = async (token: string): Promise<Caller | undefined> => {
    const sha256 = sha256Of(token)
    const known = cache.get(sha256)
    if (known !== undefined && known.untilMs > deps.nowMs()) return known.caller
    if (timingSafeEqual(Buffer.from(sha256), Buffer.from(operatorSha256))) return operator
    const caller = await deps.keyBySha256(sha256)
    if (cache.size >= cacheSize) cache.clear()
    if (caller === undefined) cache.delete(sha256)
    else cache.set(sha256, { caller, untilMs: deps.nowMs() + trustMs })
    return caller
  }
  const bearerOf = async (token: string): Promise<Result<Caller>> => {
    const caller = await lookUp(token)
    return caller === undefined ? fail('credentials-invalid', 'Authorization', 'The key is not known or was revoked.') : ok(caller)
  }
  const headerOf = async ({ shown }: HeaderSecret): Promise<Result<Caller>> => {
    for (const { identity, secret } of shown) {
      const caller = await lookUp(secret)
      if (caller?.headerIdentity !== undefined && sameIdentity(caller.headerIdentity, identity)) return ok(caller)
    }
    return fail('credentials-invalid', 'Header.Sender.Credential', 'Nobody is known by this domain, identity and secret, or the key was revoked.')
  }
  const senderOf = async (security: MessageSecurity): Promise<Result<Caller>> => {
    const bearer = security.bearer === undefined ? ok(undefined) : await bearerOf(security.bearer)
    return bearer.ok ? deps.messageSecurity(security, bearer.value) : bearer
  }
  // What may be used once was used when this very object was checked first; a message sent again is another object.
  const senders = new WeakMap<MessageSecurity, Promise<Result<Caller>>>()
  const callerOf = async (credentials: Credentials): Promise<Result<Caller>> => {
    switch (credentials.type) {
      case 'none': return fail('credentials-missing', 'Authorization', 'Send the header `Authorization: Bearer KEY`.')
      case 'bearer': return bearerOf(credentials.token)
      case 'header-secret': return headerOf(credentials)
      case 'message-security': {
        const sender = senders.get(credentials) ?? senderOf(credentials)
        senders.set(credentials, sender)
        return sender
      }
      default: return credentials satisfies never
    }
  }
  return {
    callerOf,
    authoriseProcess: (credentials) => {
      if (credentials.type !== 'bearer' || deps.processKey === undefined) return fail('credentials-missing', 'Authorization', 'Only the processes of this hub speak here.')
      const isKnown = timingSafeEqual(Buffer.from(sha256Of(credentials.token)), Buffer.from(sha256Of(deps.processKey())))
      return isKnown ? ok(undefined) : fail('credentials-invalid', 'Authorization', 'The key is not that of a process of this hub.')
    },
    authorise: async (credentials, channel) => {
      const caller = await callerOf(credentials)
      return !caller.ok || caller.value.role !== 'channel' || caller.value.channel === channel ? caller : forbidden(`The key is not one of the channel '${channel}'.`)
    },
    authoriseAll: async (credentials) => {
      const caller = await callerOf(credentials)
      return !caller.ok || caller.value.role !== 'channel' ? caller : forbidden('A channel\'s key submits and sees the state of its own messages by their ids, nothing else; an operator\'s or admin\'s key sees the rest.')
    },
  }
}

/** The domain is spelled in several ways (`NetworkId`), the identity in one. */
const sameIdentity = (known: string, shown: string): boolean => {
  const end = shown.indexOf(':')
  return known.slice(0, end).toLowerCase() === shown.slice(0, end).toLowerCase() && known.slice(end) === shown.slice(end)
}

const forbidden = (detail: string): Failure => fail('forbidden', 'Authorization', detail)
