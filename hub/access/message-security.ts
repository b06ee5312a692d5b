import { createHash, randomBytes } from 'node:crypto'
import type { MessageSecurity, MessageSignature, UsernameToken } from '../../schemas/credentials.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { Caller } from './access.js'
import { checkCreated, checkTimestamp, type FreshnessLimits } from './check-freshness.js'
import { checkPassword } from './check-password.js'
import { checkSigner } from './check-signer.js'
import type { TrustedCertificate } from './trusted-certificate.js'

export interface MessageSecuritySettings extends FreshnessLimits {
  /** Whether a password may come as text; without TLS on the way it could be read. */
  readonly passwordText: boolean
  /** Whether signatures and digests with SHA-1 are taken. */
  readonly sha1: boolean
}

export interface MessageSecurityDeps {
  readonly settings: MessageSecuritySettings
  readonly certificates: readonly TrustedCertificate[]
  readonly soapUser: (name: string) => Promise<{ readonly caller: Caller, readonly password: string } | undefined>
  /** Enters hashes of what may be used once, for every process of the hub; false where one of them had been used. */
  readonly useOnce: (hashes: readonly Uint8Array[]) => Promise<boolean>
  readonly nowMs: () => number
}

/** Who somebody is by one of the things shown, and what of it is now used up. */
interface Shown {
  readonly caller: Caller
  readonly once: Uint8Array | undefined
}

const securityAt = 'Envelope.Header.Security'
const tokenAt = `${securityAt}.UsernameToken`

/**
 * Who sent a message, by its WS-Security header and the caller of its transport's key: each that is given must hold, and all must be of the
 * same channel, role and party. Nonces and signatures are entered as used last, when all else is good. Fails with credentials-missing,
 * credentials-invalid and the codes of WS-Security.
 */
export const makeMessageSecurity = (deps: MessageSecurityDeps) => async (security: MessageSecurity, bearer: Caller | undefined): Promise<Result<Caller>> => {
  const { timestamp, usernameToken, signature } = security
  const fresh = timestamp === undefined ? ok(undefined) : checkTimestamp(timestamp, deps.nowMs(), deps.settings, `${securityAt}.Timestamp`)
  if (!fresh.ok) return fresh
  const user = usernameToken === undefined ? ok(undefined) : await userOf(deps, usernameToken)
  if (!user.ok) return user
  const signer = signature === undefined ? ok(undefined) : signerOf(deps, signature)
  if (!signer.ok) return signer
  const caller = agreed([bearer, user.value?.caller, signer.value?.caller])
  if (!caller.ok) return caller
  const once = [user.value?.once, signer.value?.once].filter((hash) => hash !== undefined)
  if (once.length > 0 && !(await deps.useOnce(once))) return fail('security-replayed', securityAt, 'Its nonce or signature came before; a message that is sent again needs a new one.')
  return ok({ ...caller.value, ...(signer.value === undefined ? {} : { signedBy: signer.value.sha256 }) })
}

/** So that an unknown user takes as long as a known one. */
const nobodysPassword = randomBytes(24).toString('base64url')

const userOf = async (deps: MessageSecurityDeps, token: UsernameToken): Promise<Result<Shown>> => {
  const { password, nonce, created, username } = token
  if (password.type === 'text' && !deps.settings.passwordText) return fail('security-unsupported', `${tokenAt}.Password`, 'A password is not taken as text; send a PasswordDigest, or have the operator set soap.passwordText.')
  if (password.type === 'digest' && (nonce === undefined || created === undefined)) return fail('security-invalid', tokenAt, 'A PasswordDigest comes with a Nonce and Created.')
  if (created !== undefined) {
    const fresh = checkCreated(created, deps.nowMs(), deps.settings, `${tokenAt}.Created`)
    if (!fresh.ok) return fresh
  }
  const known = await deps.soapUser(username)
  const isRight = checkPassword(token, known?.password ?? nobodysPassword)
  if (known === undefined || !isRight) return fail('credentials-invalid', tokenAt, 'The user or the password is wrong, or the key was revoked.')
  return ok({ caller: known.caller, once: nonce === undefined || created === undefined ? undefined : onceOf(`nonce ${username}`, nonce) })
}

const signerOf = (deps: MessageSecurityDeps, signature: MessageSignature): Result<Shown & { readonly sha256: string }> => {
  const signer = checkSigner(signature, deps.certificates, deps.nowMs(), deps.settings.sha1)
  if (!signer.ok) return signer
  const { channel, sha256 } = signer.value
  // Not of the signature's value: that of an elliptic curve has a twin that is as good (n − s in the place of s).
  return ok({ caller: { keyId: `certificate:${sha256}`, role: 'channel', channel, party: undefined }, once: onceOf(`signature ${sha256}`, signature.signedInfo), sha256 })
}

const onceOf = (owner: string, bytes: Uint8Array): Uint8Array => createHash('sha256').update(`${owner}\0`, 'utf8').update(bytes).digest()

/** The first that is shown is who calls. A certificate is of a channel and stands for whichever party of it. */
const agreed = (callers: readonly (Caller | undefined)[]): Result<Caller> => {
  const [first, ...others] = callers.filter((caller) => caller !== undefined)
  if (first === undefined) return fail('credentials-missing', 'Authorization', 'Send the header `Authorization: Bearer KEY`, or a UsernameToken or a Signature in the Security header.')
  const stranger = others.find((other) => other.role !== first.role || other.channel !== first.channel || (other.party !== first.party && !other.keyId.startsWith('certificate:')))
  return stranger === undefined ? ok(first) : fail('credentials-invalid', securityAt, 'The key, the UsernameToken and the Signature are not of the same channel and party.')
}
