import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { makeDataFolder, startHub, type RunningHub } from '../fixtures/hub.js'

const sample = readFileSync(projectFolder('mappings', 'cxml', 'samples', 'order.xml'), 'utf8')
const identity = 'NetworkID:AN01000000017'

let hub: RunningHub
let secret: string
let folder: Awaited<ReturnType<typeof makeDataFolder>>

const withSecret = (text: string, shown = secret): string => text.replace('not-a-real-secret', shown)
const post = async (channel: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number, readonly text: string }> => {
  const answer = await fetch(new URL(`/in/${channel}`, hub.url), { method: 'POST', headers: { 'content-type': 'text/xml', ...headers }, body: Buffer.from(body) })
  return { status: answer.status, text: await answer.text() }
}
const keyOf = async (wish: object): Promise<string> => {
  const made = await hub.json('POST', '/keys', wish)
  return typeof made === 'object' && made !== null && 'key' in made ? String(made.key) : ''
}
const idIn = (text: string): string => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text)?.[0] ?? ''

beforeAll(async () => {
  folder = await makeDataFolder()
  const config = join(dirname(folder.path), 'chainhub.yaml')
  writeFileSync(config, [
    'channels:',
    '  - { id: lotus, formats: [cxml], credentials: cxml, answer: cxml }',
    '  - { id: other, formats: [cxml], credentials: cxml }',
    '  - { id: keyed, formats: [cxml] }',
    '',
  ].join('\n'))
  hub = await startHub({ dataFolder: folder.path, args: ['--config', config], environment: { CHAINHUB_LOG_LEVEL: 'debug' } })
  secret = await keyOf({ role: 'channel', channel: 'lotus', cxmlIdentity: identity })
})

afterAll(async () => {
  await hub.end('SIGTERM')
  await folder.remove()
})

describe('a buyer\'s system that speaks cXML', () => {
  it('sends an order with its secret in the header and is answered as cXML says', async () => {
    const { status, text } = await post('lotus', withSecret(sample))
    expect(status).toBe(200)
    expect(text).toContain('<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.060/cXML.dtd">')
    expect(text).toMatch(/<cXML payloadID="[^"]+@chainhub" timestamp="[0-9T:-]+\+00:00">/)
    expect(text).toMatch(/<Status code="200" text="OK" xml:lang="en-US">accepted: /)
    const message = await hub.json('GET', `/messages/${idIn(text)}`)
    expect(message).toMatchObject({ channel: 'lotus' })
  })

  it('has comments in its header', async () => {
    expect((await post('lotus', withSecret(sample).replace('<Header>', '<!-- <Header></Header> --><Header>'))).text).toContain('code="200"')
  })

  it('sends the same order under a new payloadID and changes nothing', async () => {
    const again = withSecret(sample).replace('20260302091530.4711', '20260302091599.4799').replace('timestamp="2026-03-02T09:15:30', 'timestamp="2026-03-02T09:16:30')
    const { text } = await post('lotus', again)
    expect(text).toMatch(/code="200"/)
    expect(JSON.stringify(await hub.json('GET', `/messages/${idIn(text)}`))).toMatch(/"revision":1/)
  })

  it.each([
    ['a wrong secret', () => withSecret(sample, 'chk_nobody-has-this-secret'), 401],
    ['another identity', () => withSecret(sample).replaceAll('AN01000000017', 'AN01000000018'), 401],
    ['no secret', () => sample.replace(/<SharedSecret>.*<\/SharedSecret>/, ''), 401],
    ['a CredentialMac', () => sample.replace(/<SharedSecret>.*<\/SharedSecret>/, '<CredentialMac type="FromSenderCredentials" algorithm="HMAC-SHA1-96" creationDate="2026-03-02T09:15:30+08:00" expirationDate="2026-03-02T10:15:30+08:00">bWFj</CredentialMac>'), 400],
    ['a header that is a comment', () => withSecret(sample).replace('<Header>', '<!-- <Header>').replace('</Header>', '</Header> -->'), 401],
    ['no order number', () => withSecret(sample).replace('orderID="0045001234"', ''), 400],
    ['XML that ends too early', () => withSecret(sample).slice(0, -40), 406],
    ['a PunchOutSetupRequest', () => withSecret(sample).replace(/<OrderRequest>[\s\S]*<\/OrderRequest>/, '<PunchOutSetupRequest operation="create"/>'), 450],
  ] as const)('is told of %s by a Status, over HTTP 200', async (_what, body, code) => {
    const { status, text } = await post('lotus', body())
    expect(status).toBe(200)
    expect(text).toContain(`<Status code="${code}"`)
    expect(text).not.toContain(secret)
  })

  it('is told what a request is that is not taken, and which are', async () => {
    const { text } = await post('lotus', withSecret(sample).replace(/<OrderRequest>[\s\S]*<\/OrderRequest>/, '<PunchOutSetupRequest operation="edit"/>'))
    expect(text).toContain('Request/PunchOutSetupRequest')
    expect(text).toContain('with Request/OrderRequest')
  })

  it('asks for the profile and is told the transactions of its channel', async () => {
    const profile = withSecret(sample).replace(/<OrderRequest>[\s\S]*<\/OrderRequest>/, '<ProfileRequest/>')
    const { text } = await post('lotus', profile)
    expect(text).toContain('<ProfileResponse effectiveDate=')
    expect(text).toContain('<Transaction requestName="OrderRequest">')
    expect(text).toContain(`<URL>${hub.url}/in/lotus</URL>`)
    expect((await post('lotus', profile.replace(secret, 'chk_wrong-one-here'))).text).toContain('<Status code="401"')
  })

  it('may not use its secret on another channel, nor the header on one that wants a key', async () => {
    expect((await post('other', withSecret(sample))).status).toBe(403)
    expect((await post('keyed', withSecret(sample))).status).toBe(401)
    expect(await hub.json('POST', '/keys', { role: 'channel', channel: 'keyed', cxmlIdentity: identity })).toMatchObject({ code: 'request-invalid', at: 'cxmlIdentity' })
  })

  it('needs a key in the HTTP headers for what is compressed or large', async () => {
    expect((await post('lotus', gzipSync(withSecret(sample)), { 'content-encoding': 'gzip' })).status).toBe(401)
    expect((await post('lotus', withSecret(sample).replace('Ring twice.', 'x'.repeat(2_000_000)))).status).toBe(401)
    expect((await post('lotus', gzipSync(withSecret(sample)), { 'content-encoding': 'gzip', 'authorization': `Bearer ${secret}` })).text).toContain('code="200"')
  })
})

describe('the secret of a header', () => {
  const ofRaw = async (id: string, query = '', key?: string): Promise<string> => (await hub.request('GET', `/messages/${id}/raw${query}`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } })).text()

  it('is stars of the same length in the raw bytes, unless an admin asks for it', async () => {
    const body = withSecret(sample).replace('Ring twice.', 'Ring thrice.')
    const id = idIn((await post('lotus', body)).text)
    expect(await ofRaw(id)).toBe(body.replace(secret, '*'.repeat(secret.length)))
    expect(await ofRaw(id, '?secrets=shown')).toBe(body)
    const operator = await keyOf({ role: 'operator' })
    expect(await ofRaw(id, '?secrets=shown', operator)).toContain('"forbidden"')
  })

  it.each([
    ['UTF-16', (text: string) => Buffer.from(`\ufeff${text.replace('encoding="UTF-8"', 'encoding="UTF-16"')}`, 'utf16le'), {}],
    ['gzip', (text: string) => gzipSync(text), { 'content-encoding': 'gzip' }],
    ['CDATA', (text: string) => Buffer.from(text.replace('<SharedSecret>', '<SharedSecret><![CDATA[</SharedSecret>]]>')), {}],
    ['XML that cannot be read', (text: string) => Buffer.from(text.replace('</SharedSecret>', '</Shared>')), {}],
  ] as const)('is masked in %s too', async (_what, encode, headers) => {
    const answer = await post('lotus', encode(withSecret(sample).replace('Ring twice.', `Ring ${_what}.`)), { authorization: `Bearer ${secret}`, ...headers })
    const id = idIn(answer.text)
    expect(id).not.toBe('')
    const raw = Buffer.from(await (await hub.request('GET', `/messages/${id}/raw`)).arrayBuffer())
    expect(raw.includes(secret)).toBe(false)
    expect(raw.includes(Buffer.from(secret, 'utf16le'))).toBe(false)
    expect(answer.text).not.toContain(secret)
  })

  it.each([
    ['base64 in a multipart', (text: string) => `--b\r\ncontent-type: text/xml\r\ncontent-transfer-encoding: base64\r\n\r\n${Buffer.from(text).toString('base64')}\r\n--b--\r\n`],
    ['gzip in a multipart', (text: string) => Buffer.concat([Buffer.from('--b\r\ncontent-type: text/xml\r\n\r\n'), gzipSync(text), Buffer.from('\r\n--b--\r\n')])],
  ])('is not shown where it is packed as %s, nor quoted in what is said of it', async (_what, pack) => {
    // The order date is the secret itself, so that the error would quote it.
    const body = pack(withSecret(sample).replace(/orderDate="[^"]*"/, `orderDate="${secret}"`))
    const { text } = await post('lotus', body, { 'authorization': `Bearer ${secret}`, 'content-type': 'multipart/mixed; boundary=b' })
    expect(text).not.toContain(secret)
    const id = /"messageId":"([^"]+)"/.exec(await (await hub.request('GET', '/messages?limit=1')).text())?.[1] ?? ''
    expect(JSON.stringify(await hub.json('GET', `/messages/${id}`))).toContain('***')
    expect(JSON.stringify(await hub.json('GET', `/messages/${id}`))).not.toContain(secret.slice(0, 10))
    expect(await ofRaw(id)).toContain('"forbidden"')
    expect(await ofRaw(id, '?secrets=shown')).toContain('--b--')
  })

  it('stands in no document, lineage, list or log', async () => {
    const { text } = await post('lotus', withSecret(sample).replace('Ring twice.', 'Do not ring.'))
    const id = idIn(text)
    for (const path of [`/messages/${id}`, `/messages/${id}/lineage`, '/messages', '/parties?q=AN01']) {
      expect(await (await hub.request('GET', path)).text(), path).not.toContain(secret)
    }
    expect(hub.printed).not.toContain(secret)
    expect(hub.printed).not.toContain('not-a-real-secret')
  })
})
