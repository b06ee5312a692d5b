import { isIP } from 'node:net'
import { fail, ok, type Result } from '../../schemas/result.js'
import { reachOf } from './public-address.js'

/** All addresses of a host name, as text; rejects where it has none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>

/** An address that may be called, and where exactly to. */
export interface PinnedAddress {
  readonly url: URL
  /** The only IP addresses that the connection may go to: they were looked at. */
  readonly addresses: readonly string[]
}

export interface AddressRules {
  /** Host names or `host:port` that may be called whatever address they have, but link-local ones. */
  readonly allowedHosts: readonly string[]
  /** The host of the description, which may be called as long as its address is public. */
  readonly ownHost: string | undefined
}

export type GuardAddress = (url: URL) => Promise<Result<PinnedAddress>>

const bareHost = (host: string): string => host.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '')

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/**
 * Looks at each address before it is called, redirects and imports too: scheme, host name, and every IP address that the name
 * has at this moment, which are then the only ones connected to. Fails with address-refused, which says how to allow it, and
 * with partner-unreachable for a name that has no address.
 */
export const makeAddressGuard = ({ allowedHosts, ownHost }: AddressRules, resolveHost: ResolveHost): GuardAddress => {
  const allowed = new Set(allowedHosts.map(canonicalEntry))
  return async (url) => {
    const host = bareHost(url.hostname)
    const port = url.port === '' ? defaultPorts[url.protocol] : url.port
    if (port === undefined) return refused(url, `Only http and https are called, not ${url.protocol}`)
    if (url.username !== '' || url.password !== '') return refused(url, 'The address holds credentials; give them in the settings.')
    const listed = allowed.has(host) || allowed.has(`${host}:${port}`)
    if (!listed && host !== (ownHost === undefined ? undefined : bareHost(ownHost))) return refused(url, `The host ${host} is none of those that may be called; allow it by name (allowedHosts, --allow-host ${host}) if the partner means it.`)
    const addresses = isIP(host) === 0 ? await lookUp(host, resolveHost) : ok([host])
    if (!addresses.ok) return addresses
    // One bad address refuses the name: which of them a connection takes is not in our hands alone.
    for (const address of addresses.value) {
      const reach = reachOf(address)
      if (reach === 'never' && !allowed.has(address)) return refused(url, `${host} leads to ${address}, a link-local, multicast or reserved address.`)
      if (reach === 'private' && !listed) return refused(url, `${host} leads to ${address}, an address of this machine or an inner network; allow the host by name (allowedHosts, --allow-host ${host}) if that is meant.`)
    }
    return ok({ url, addresses: addresses.value })
  }
}

/** As URLs write it, so that `LOCALHOST.`, `0177.0.0.1` and `[::1]` in the settings mean what they mean in an address. */
const canonicalEntry = (entry: string): string => {
  const text = isIP(entry) === 6 ? `[${entry}]` : entry
  if (!URL.canParse(`http://${text}`)) return text.toLowerCase()
  const url = new URL(`http://${text}`)
  return /:80$/.test(text) ? `${bareHost(url.hostname)}:80` : `${bareHost(url.hostname)}${url.port === '' ? '' : `:${url.port}`}`
}

/** Scheme, host and path: a query may hold a key. */
const refused = (url: URL, detail: string) => fail('address-refused', `${url.protocol}//${url.host}${url.pathname}`.slice(0, 300), detail)

const lookUp = async (host: string, resolveHost: ResolveHost): Promise<Result<readonly string[]>> => {
  try {
    const addresses = await resolveHost(host)
    if (addresses.length > 0) return ok(addresses)
  } catch {
    // As for a name without an address.
  }
  return fail('partner-unreachable', host, 'The name has no address; see whether it is spelled right and the name service answers.')
}
