import { describe, expect, it } from 'vitest'
import { makeAddressGuard } from '../../../connectors/outgoing/address-guard.js'

const names: Readonly<Record<string, readonly string[]>> = {
  'partner.example': ['93.184.216.34'], 'inner.partner.example': ['10.0.0.5'], 'both.partner.example': ['93.184.216.34', '127.0.0.1'], 'metadata.partner.example': ['169.254.169.254'], 'mapped.partner.example': ['::ffff:10.0.0.1'], 'localhost': ['127.0.0.1', '::1'],
}
const resolveHost = (host: string): Promise<readonly string[]> => (names[host] === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(names[host]))
const ask = async (address: string, allowedHosts: readonly string[] = [], ownHost = 'partner.example') => {
  const result = await makeAddressGuard({ allowedHosts, ownHost }, resolveHost)(new URL(address))
  return result.ok ? result.value.addresses.join() : result.code
}

describe('the guard of addresses', () => {
  it.each([
    ['http://partner.example/', '93.184.216.34'], ['https://PARTNER.example.:8443/x', '93.184.216.34'],
    ['http://other.example/', 'address-refused'], ['ftp://partner.example/', 'address-refused'], ['file:///etc/passwd', 'address-refused'], ['http://user:secret@partner.example/', 'address-refused'],
    ['http://127.0.0.1/', 'address-refused'], ['http://2130706433/', 'address-refused'], ['http://0177.0.0.1/', 'address-refused'], ['http://0x7f.1/', 'address-refused'], ['http://127.1/', 'address-refused'],
    ['http://[::1]/', 'address-refused'], ['http://[::ffff:127.0.0.1]/', 'address-refused'], ['http://169.254.169.254/latest/meta-data/', 'address-refused'], ['http://localhost/', 'address-refused'],
  ])('by default lets only the description\'s own host through: %s gives %s', async (address, outcome) => {
    expect(await ask(address)).toBe(outcome)
  })

  it.each(['inner', 'both', 'metadata', 'mapped'])('refuses the own host where its name leads inward (%s)', async (name) => {
    expect(await ask(`http://${name}.partner.example/`, [], `${name}.partner.example`)).toBe('address-refused')
  })

  it.each([
    ['http://127.0.0.1:8080/', '127.0.0.1', '127.0.0.1'], ['http://127.0.0.1:8080/', '127.0.0.1:8080', '127.0.0.1'], ['http://127.0.0.1:9090/', '127.0.0.1:8080', 'address-refused'],
    ['http://2130706433/', '127.0.0.1', '127.0.0.1'], ['http://127.0.0.1/', '0x7f.1', '127.0.0.1'], ['http://[::1]/', '::1', '::1'], ['http://[::1]:81/', '[::1]:81', '::1'], ['http://localhost/', 'LOCALHOST', '127.0.0.1,::1'], ['http://partner.example/', 'partner.example:80', '93.184.216.34'],
    ['http://inner.partner.example/', 'inner.partner.example', '10.0.0.5'],
  ])('lets %s through where %s is allowed by name', async (address, allowed, outcome) => {
    expect(await ask(address, [allowed], 'elsewhere.example')).toBe(outcome)
  })

  it('lets an allowed name lead to no link-local address, unless that very address is allowed', async () => {
    expect(await ask('http://metadata.partner.example/', ['metadata.partner.example'])).toBe('address-refused')
    expect(await ask('http://169.254.169.254/', ['169.254.169.254'])).toBe('169.254.169.254')
  })

  it('says that a name without an address can\'t be reached', async () => {
    expect(await ask('http://nowhere.example/', ['nowhere.example'])).toBe('partner-unreachable')
  })
})
