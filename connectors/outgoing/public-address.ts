import { BlockList, isIP } from 'node:net'

/** Addresses that are not on the public internet (IANA special-purpose registries, RFC 6890), IPv4. */
const privateV4 = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16],
  ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24],
] as const
/** Never a partner's: link-local with the metadata services of clouds, multicast, reserved. */
const neverV4 = [['169.254.0.0', 16], ['224.0.0.0', 4], ['240.0.0.0', 4]] as const

/** IPv6; among them the prefixes that carry an IPv4 address inside (NAT64, 6to4, Teredo). */
const privateV6 = [['::', 128], ['::1', 128], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['100::', 64], ['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20], ['5f00::', 16], ['fc00::', 7], ['::', 96]] as const
const neverV6 = [['fe80::', 10], ['fec0::', 10], ['ff00::', 8], ['fd00:ec2::254', 128]] as const

const blockList = (v4: readonly (readonly [string, number])[], v6: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList()
  for (const [address, bits] of v4) list.addSubnet(address, bits, 'ipv4')
  for (const [address, bits] of v6) list.addSubnet(address, bits, 'ipv6')
  return list
}

const privates = blockList(privateV4, privateV6)
const nevers = blockList(neverV4, neverV6)

/**
 * Where an IP address leads: `public`, `private` (this machine, its network, documentation), or `never` (link-local, metadata
 * services, multicast). An IPv4 address inside an IPv6 one (::ffff:127.0.0.1) counts as what it is. What is no address is `never`.
 */
export const reachOf = (address: string): 'public' | 'private' | 'never' => {
  const version = isIP(address)
  if (version === 0) return 'never'
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (nevers.check(address, family)) return 'never'
  return privates.check(address, family) ? 'private' : 'public'
}
