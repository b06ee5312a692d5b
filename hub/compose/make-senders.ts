import { readFileSync } from 'node:fs'
import { ok, fail, type Result } from '../../schemas/result.js'
import { roles, type AccessDeps, type Caller } from '../access/access.js'
import { makeMessageSecurity } from '../access/message-security.js'
import type { Seal } from '../access/seal.js'
import { readCertificates, type TrustedCertificate } from '../access/trusted-certificate.js'
import { apiKeyBySoapUser, type ApiKey } from '../central/api-keys.js'
import { deleteExpiredNonces, useNonces } from '../central/used-nonces.js'
import type { Config, SoapSettings } from '../config.js'
import type { Database } from '../ops/database.js'
import { elapsedMs } from '../ops/elapsed-ms.js'

interface SenderParts {
  readonly central: Database
  readonly certificates: readonly TrustedCertificate[]
  readonly seal: Seal
  readonly settings: Omit<SoapSettings, 'openBytes'>
}

/** How far ahead of the hub's a sender's clock may be, in ms. */
const maxAheadMs = 60_000
/** How often nonces that are of no use any more are removed, in ms. */
const purgeMs = 300_000

/** Who sends messages that say so themselves: users and used nonces in the central database, certificates from the settings. */
export const makeSenders = ({ central, certificates, seal, settings }: SenderParts): AccessDeps['messageSecurity'] => {
  let purgedMs = -Infinity
  return makeMessageSecurity({
    settings: { ...settings, maxAheadMs }, certificates, nowMs: Date.now,
    soapUser: async (name) => {
      const found = await apiKeyBySoapUser(central, name)
      const caller = callerOfKey(found?.key)
      return found === undefined || caller === undefined ? undefined : { caller, password: seal.open(found.sealedPassword, name) }
    },
    useOnce: async (hashes) => {
      if (elapsedMs() > purgedMs + purgeMs) {
        purgedMs = elapsedMs()
        await deleteExpiredNonces(central)
      }
      return useNonces(central, hashes)
    },
  })
}

export const callerOfKey = (key: ApiKey | undefined): Caller | undefined => {
  const role = roles.find((known) => known === key?.role)
  return key === undefined || role === undefined ? undefined : { keyId: key.id, role, channel: key.channel, party: key.party, headerIdentity: key.headerIdentity }
}

/** The certificates of all channels. Fails with config-invalid where a file cannot be read, or a channel demands signatures without having one. */
export const readChannelCertificates = ({ channels = [] }: Pick<Config, 'channels'>): Result<readonly TrustedCertificate[]> => {
  const all: TrustedCertificate[] = []
  for (const { id, at, certificates = [], signed } of channels) {
    if (signed === 'required' && certificates.length === 0) return fail('config-invalid', at, `The channel '${id}' demands signatures and names no certificates.`)
    for (const file of certificates) {
      const read = readCertificateFile(file, id, at)
      if (!read.ok) return read
      const shared = read.value.find((one) => all.some((other) => other.sha256 === one.sha256))
      if (shared !== undefined) return fail('config-invalid', at, `The certificate of ${shared.subject} is another channel's already, or named twice.`)
      all.push(...read.value)
    }
  }
  return ok(all)
}

const readCertificateFile = (file: string, channel: string, at: string): Result<readonly TrustedCertificate[]> => {
  try {
    return readCertificates(readFileSync(file, 'utf8'), channel, `${at} ${file}`)
  } catch (error) {
    return fail('config-invalid', at, `The certificate file cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
