import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { digestOf, envelope11, envelope12, instant, message, passwordText, security, submit, timestamp, usernameToken } from './secured-message.js'
import { securedServer } from './secured-server.js'

const { call, taken, allow } = securedServer([])
const withToken = (token: string): string => message(security(token))

describe('a UsernameToken', () => {
  test.each([envelope11, envelope12])('with a digest says who calls, in %s', async (namespace) => {
    expect(await call(message(security(usernameToken() + timestamp()), submit(), namespace))).toMatchObject({ status: 200, code: undefined })
    expect(taken()).toBe(1)
  })

  test('that came before is refused, however its nonce is written', async () => {
    const nonce = randomBytes(16)
    const created = instant()
    const base64 = nonce.toString('base64')
    expect(await call(withToken(usernameToken({ nonce, created })))).toMatchObject({ status: 200 })
    for (const nonceElement of [undefined, `<wsse:Nonce>${base64}</wsse:Nonce>`, `<wsse:Nonce> ${base64.slice(0, 5)}\n${base64.slice(5)}\t</wsse:Nonce>`]) {
      expect(await call(withToken(usernameToken({ nonce, created, ...(nonceElement === undefined ? {} : { nonceElement }) })))).toMatchObject({ status: 500, code: 'security-replayed', faultCode: 'wsse:FailedAuthentication' })
    }
    expect((await call(message(security(usernameToken({ nonce, created })), '<c:Ping/>'))).code).toBe('security-replayed')
    expect(taken()).toBe(1)
  })

  test('whose bytes are moved between nonce and date is no second token', async () => {
    const nonce = randomBytes(16)
    const created = instant()
    const passwordElement = `<wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest">${digestOf(nonce, created, 'opensesame')}</wsse:Password>`
    const longer = Buffer.concat([nonce, Buffer.from(created.slice(0, 1))])
    expect((await call(withToken(usernameToken({ nonce: longer, created: created.slice(1), passwordElement })))).code).toBe('security-invalid')
    expect((await call(withToken(usernameToken({ nonce: nonce.subarray(0, 15), created, passwordElement, createdElement: `<wsu:Created>${String.fromCharCode(120)}${created}</wsu:Created>` })))).code).toBe('security-invalid')
  })

  test('of nobody and one with a wrong password get the same answer', async () => {
    const [unknown, wrong] = [await call(withToken(usernameToken({ username: 'nobody' }))), await call(withToken(usernameToken({ password: 'guess' })))]
    expect(unknown).toMatchObject({ status: 500, code: 'credentials-invalid', faultCode: 'wsse:FailedAuthentication' })
    expect(wrong.text).toBe(unknown.text)
    expect(await call(message(security(usernameToken({ password: 'guess' })), submit(), envelope12))).toMatchObject({ code: 'credentials-invalid', faultCode: 'wsse:FailedAuthentication' })
  })

  test('with a wrong password uses no nonce up', async () => {
    const nonce = randomBytes(16)
    expect((await call(withToken(usernameToken({ nonce, password: 'guess' })))).code).toBe('credentials-invalid')
    expect((await call(withToken(usernameToken({ nonce })))).status).toBe(200)
  })

  test.each([
    ['is too old', { created: instant(-301_000) }, 'security-expired', 'wsu:MessageExpired'],
    ['comes from the future', { created: instant(90_000) }, 'security-expired', 'wsu:MessageExpired'],
    ['has no zone', { created: instant().replace('Z', '') }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['has no such day', { created: '2026-02-31T00:00:00Z' }, undefined, undefined],
    ['has no date', { created: 'yesterday' }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['lacks its nonce', { nonceElement: '' }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['lacks its date', { createdElement: '' }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['has an empty nonce', { nonceElement: '<wsse:Nonce/>' }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['has a nonce that is no Base64', { nonceElement: '<wsse:Nonce>***</wsse:Nonce>' }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['has a nonce in another encoding', { nonceElement: '<wsse:Nonce EncodingType="urn:hex">00</wsse:Nonce>' }, 'security-unsupported', 'wsse:UnsupportedSecurityToken'],
    ['has two nonces', { more: '<wsse:Nonce>AAAA</wsse:Nonce>' }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['has two passwords', { more: passwordText('opensesame') }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['derives a key', { more: '<k:Salt xmlns:k="http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd">AAAA</k:Salt>' }, 'security-unsupported', 'wsse:UnsupportedSecurityToken'],
    ['has no password', { passwordElement: '' }, 'security-invalid', 'wsse:InvalidSecurity'],
    ['has a password of an unknown type', { passwordElement: '<wsse:Password Type="urn:other">x</wsse:Password>' }, 'security-unsupported', 'wsse:UnsupportedSecurityToken'],
    ['shows its password as text', { passwordElement: passwordText('opensesame') }, 'security-unsupported', 'wsse:UnsupportedSecurityToken'],
  ])('that %s is refused', async (_what, wish, code, faultCode) => {
    const reply = await call(withToken(usernameToken(wish)))
    expect(reply.status).toBe(500)
    if (code !== undefined) expect(reply).toMatchObject({ code, faultCode })
    expect(taken()).toBe(0)
  })

  test('may show its password as text where the operator allows it, and its nonce then counts too', async () => {
    allow({ passwordText: true })
    const wish = { passwordElement: passwordText('opensesame'), nonce: randomBytes(16), created: instant() }
    expect((await call(withToken(usernameToken(wish)))).status).toBe(200)
    expect((await call(withToken(usernameToken(wish)))).code).toBe('security-replayed')
    expect((await call(withToken(usernameToken({ passwordElement: passwordText('opensesame'), nonceElement: '', createdElement: '' })))).status).toBe(200)
    expect((await call(withToken(usernameToken({ passwordElement: passwordText('guess') })))).code).toBe('credentials-invalid')
  })

  test('and a key in the HTTP headers must be of one channel', async () => {
    expect((await call(withToken(usernameToken()), { authorization: 'Bearer secret' })).status).toBe(200)
    expect((await call(withToken(usernameToken({ username: 'other' })), { authorization: 'Bearer secret' })).code).toBe('credentials-invalid')
    expect((await call(withToken(usernameToken()), { authorization: 'Bearer wrong' })).code).toBe('credentials-invalid')
  })

  test('is checked whatever is called', async () => {
    expect((await call(message(security(usernameToken({ password: 'guess' })), '<c:Ping/>'))).code).toBe('credentials-invalid')
    expect((await call(message(security(usernameToken()), '<c:Ping/>'))).status).toBe(200)
  })
})

describe('a Timestamp', () => {
  test.each([
    ['young', timestamp(), undefined],
    ['without an end', timestamp(instant(), ''), undefined],
    ['past its end', timestamp(instant(-60_000), instant(-1000)), 'security-expired'],
    ['too old, whatever end it names', timestamp(instant(-600_000), instant(600_000)), 'security-expired'],
    ['of the future', timestamp(instant(120_000), instant(600_000)), 'security-expired'],
    ['that ends before it begins', timestamp(instant(), instant(-1000)), 'security-invalid'],
    ['that is no date', timestamp('now'), 'security-invalid'],
    ['without a beginning', '<wsu:Timestamp/>', 'security-invalid'],
    ['with something unknown', timestamp().replace('</wsu:Timestamp>', '<wsu:Received/></wsu:Timestamp>'), 'security-unsupported'],
    ['that stands twice', timestamp() + timestamp(), 'security-invalid'],
  ])('%s is judged beside a key', async (_what, header, code) => {
    expect((await call(message(security(header)), { authorization: 'Bearer secret' })).code).toBe(code)
  })

  test('shows nobody by itself', async () => {
    expect((await call(message(security(timestamp())))).code).toBe('credentials-missing')
  })
})

describe('a Security header', () => {
  test('that is empty shows nothing and is understood', async () => {
    expect((await call(message(security('')), { authorization: 'Bearer secret' })).status).toBe(200)
    expect((await call(message(security('')))).code).toBe('credentials-missing')
  })

  test('for somebody else is left alone, and two for us are refused', async () => {
    const elsewhere = security(usernameToken({ password: 'guess' }), 'e:mustUnderstand="1" e:actor="urn:somebody"')
    expect((await call(message(elsewhere + security(usernameToken())))).status).toBe(200)
    expect((await call(message(security(usernameToken()) + security(usernameToken())))).code).toBe('security-invalid')
    expect((await call(message(security(usernameToken()) + security(usernameToken(), 'e:actor="http://schemas.xmlsoap.org/soap/actor/next"')))).code).toBe('security-invalid')
  })

  test.each([
    ['a Security header', security(usernameToken())],
    ['an encrypted key', '<x:EncryptedKey xmlns:x="http://www.w3.org/2001/04/xmlenc#"/>'],
    ['a SAML assertion', '<s:Assertion xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion"/>'],
    ['a UsernameToken of no namespace', usernameToken().replaceAll('wsse:UsernameToken', 'UsernameToken')],
  ])('with %s inside is refused, since it is not understood', async (_what, content) => {
    expect(await call(message(security(content)), { authorization: 'Bearer secret' })).toMatchObject({ code: 'security-unsupported' })
  })

  test('leaves other headers that must be understood refused', async () => {
    expect((await call(message(`${security(usernameToken())}<t:T xmlns:t="urn:t" e:mustUnderstand="1"/>`))).code).toBe('soap-must-understand')
  })
})
