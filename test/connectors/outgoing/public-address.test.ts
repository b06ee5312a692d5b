import { expect, it } from 'vitest'
import { reachOf } from '../../../connectors/outgoing/public-address.js'

it.each([
  ['127.0.0.1', 'private'], ['127.255.255.254', 'private'], ['10.1.2.3', 'private'], ['172.16.0.1', 'private'], ['172.31.255.255', 'private'], ['172.32.0.1', 'public'], ['192.168.1.1', 'private'], ['100.64.0.1', 'private'],
  ['0.0.0.0', 'private'], ['198.18.0.1', 'private'], ['203.0.113.9', 'private'], ['8.8.8.8', 'public'], ['169.254.169.254', 'never'], ['169.254.0.1', 'never'], ['224.0.0.1', 'never'], ['255.255.255.255', 'never'],
  ['::', 'private'], ['::1', 'private'], ['::ffff:127.0.0.1', 'private'], ['::ffff:7f00:1', 'private'], ['::ffff:169.254.169.254', 'never'], ['::ffff:8.8.8.8', 'public'], ['::127.0.0.1', 'private'], ['64:ff9b::7f00:1', 'private'],
  ['2002:7f00:1::', 'private'], ['2001:0:1::', 'private'], ['fd00::1', 'private'], ['fd00:ec2::254', 'never'], ['fe80::1', 'never'], ['ff02::1', 'never'], ['2001:db8::1', 'private'], ['2606:4700::1111', 'public'], ['not an address', 'never'],
] as const)('%s is %s', (address, reach) => {
  expect(reachOf(address)).toBe(reach)
})
