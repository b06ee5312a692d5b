import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeOutbound, systemDeps } from '../../../connectors/http/make-outbound.js'

interface Request {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What the partner answers to a request: a content type and a body. */
let answer: (request: Request) => readonly [type: string, body: string] = () => ['text/plain', '']
let last: Request | undefined
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    last = { headers: request.headers, body: Buffer.concat(chunks) }
    const [type, body] = answer(last)
    response.writeHead(200, { 'content-type': type }).end(body)
  })
})
beforeAll(() => new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) }))
const outbound = makeOutbound(systemDeps)
afterAll(async () => {
  await outbound.close()
  await new Promise((resolve) => { server.close(resolve) })
})

const deliver = async (settings: object, text: string) => {
  const { port } = server.address() as AddressInfo
  const line = outbound.open({ url: `http://127.0.0.1:${port}/as2`, allowedHosts: ['127.0.0.1'], ...settings })
  if (!line.ok) throw new Error(`${line.at}: ${line.detail}`)
  return line.value.deliver({ operation: '', payload: { type: 'text', bytes: Buffer.from(text, 'latin1') }, place: { id: '3e7f8c2a-5d1b-8f4e-9a60-1c2d3e4f5a6b', key: 'k', sequence: 1 } })
}

const receipt = { receipt: { to: 'edi@nordlicht.example', from: 'NORDLICHT', partner: 'LOTUS AG' }, contentType: 'application/EDIFACT' }
const report = (disposition: string, { digest, id, words = 'Taken.' }: { readonly digest?: string, readonly id?: string, readonly words?: string } = {}) => ({ headers, body }: Request): readonly [string, string] => {
  const mic = digest ?? createHash('sha256').update(body).digest('base64')
  const text = [
    '--=_r', 'Content-Type: text/plain', '', words, '--=_r', 'Content-Type: message/disposition-notification', '', 'Reporting-UA: test', 'Original-Recipient: rfc822; LOTUS',
    `Original-Message-ID: ${id ?? String(headers['message-id'])}`, `Disposition: automatic-action/MDN-sent-automatically;\r\n ${disposition}`, ...(mic === '' ? [] : [`Received-Content-MIC: ${mic}, sha-256`]), '', '--=_r--', '',
  ].join('\r\n')
  return ['multipart/report; report-type=disposition-notification; boundary="=_r"', text]
}

describe('a receipt that an endpoint asks for', () => {
  it('is asked for by the headers of AS2, and says that the bytes were taken as they were sent', async () => {
    answer = report('processed')
    expect(await deliver(receipt, 'UNB+UNOC:3 é')).toMatchObject({ ok: true, value: { status: 200 } })
    expect(last?.headers).toMatchObject({
      'message-id': '<3e7f8c2a-5d1b-8f4e-9a60-1c2d3e4f5a6b@chainhub>', 'disposition-notification-to': 'edi@nordlicht.example', 'as2-from': 'NORDLICHT', 'as2-to': 'LOTUS AG', 'as2-version': '1.0', 'content-type': 'application/EDIFACT',
    })
    answer = report('processed/warning: duplicate-document', { digest: '' })
    expect(await deliver(receipt, 'x')).toMatchObject({ ok: true })
  })

  it.each([
    ['that says no', report('processed/error: authentication-failed', { words: 'Who are you?' }), 'partner-denied', 'processed/error: authentication-failed: Who are you?'],
    ['that says that it failed', report('failed/failure: unsupported format'), 'partner-denied', 'failed/failure: unsupported format'],
    ['of other bytes', report('processed', { digest: 'AAAA' }), 'answer-invalid', 'altered'],
    ['for another message', report('processed', { id: '<other@chainhub>' }), 'answer-invalid', 'for the message <other@chainhub>'],
    ['that is none', (): readonly [string, string] => ['text/html', '<p>OK</p>'], 'answer-invalid', 'the answer is none'],
    ['that breaks off', (): readonly [string, string] => ['multipart/report; boundary="=_r"', '--=_r\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: x; proc'], 'answer-invalid', 'no Original-Message-ID'],
  ])('%s parks the delivery', async (_what, said, code, detail) => {
    answer = said
    expect(await deliver(receipt, 'x')).toMatchObject({ ok: false, code, at: 'receipt', detail: expect.stringContaining(detail) as unknown, retry: false })
  })

  it('may come later, to the address that is named: the answer then says that it was sent, and no more, unless it is the receipt', async () => {
    const later = { ...receipt, receipt: { ...receipt.receipt, later: 'https://hub.example/in/lotus' } }
    answer = () => ['text/plain', '']
    expect(await deliver(later, 'x')).toMatchObject({ ok: true, value: { receiptPending: true } })
    expect(last?.headers).toMatchObject({ 'receipt-delivery-option': 'https://hub.example/in/lotus', 'disposition-notification-to': 'edi@nordlicht.example' })
    answer = report('processed')
    expect(await deliver(later, 'x')).not.toHaveProperty('value.receiptPending')
    answer = report('failed/failure: no')
    expect(await deliver(later, 'x')).toMatchObject({ ok: false, code: 'partner-denied' })
    expect(outbound.open({ url: 'https://partner.example', receipt: { to: 'a', later: 'ftp://hub.example' } })).toMatchObject({ ok: false, at: 'receipt.later' })
    expect(outbound.open({ url: 'https://partner.example', receipt: { to: 'a', later: 'https://hub.example' }, sharedSecret: 's' })).toMatchObject({ ok: false, at: 'receipt.later' })
  })

  it('is not asked for where the settings do not', async () => {
    answer = () => ['text/plain', 'OK']
    expect(await deliver({}, 'x')).toMatchObject({ ok: true })
    expect(last?.headers['disposition-notification-to']).toBeUndefined()
  })
})

describe('a shared secret', () => {
  const sender = '<Sender><Credential domain="NetworkID"><Identity>AN01</Identity></Credential><UserAgent>hub</UserAgent></Sender>'
  const cxml = `<?xml version="1.0"?><cXML payloadID="1"><Header>${sender}</Header><Request/></cXML>`
  const secret = 'p&<ss"wörd'

  it('stands in the document as it leaves, and in nothing that comes back', async () => {
    answer = ({ body }) => ['text/xml', `no: ${body.toString('utf8')} ${secret} ${JSON.stringify(secret)}`]
    const result = await deliver({ sharedSecret: secret }, cxml)
    expect(last?.body.toString('utf8')).toContain('<Identity>AN01</Identity><SharedSecret>p&amp;&lt;ss"wörd</SharedSecret></Credential><UserAgent>')
    const shown = result.ok ? Buffer.from(result.value.body).toString('utf8') : ''
    expect(shown).toContain('<SharedSecret>***</SharedSecret>')
    expect(shown).not.toMatch(/ss\\?"w/)
    answer = () => ['text/xml', `<cXML><Response><Status code="401" text="Unauthorized">The secret p&amp;&lt;ss"wörd is wrong</Status></Response></cXML>`]
    const refused = await deliver({ sharedSecret: secret, answer: 'cxml' }, cxml)
    expect(refused).toMatchObject({ ok: false, code: 'partner-denied', detail: expect.stringContaining('The secret *** is wrong') as unknown })
    expect(JSON.stringify(refused)).not.toContain('ss\\"w')
  })

  it('takes the place of one that stands there', async () => {
    await deliver({ sharedSecret: secret }, cxml.replace('</Identity>', '</Identity><SharedSecret>old</SharedSecret>'))
    expect(last?.body.toString('utf8').match(/<SharedSecret>/g)).toHaveLength(1)
  })

  it('is sent nowhere else: a document without a Sender does not leave', async () => {
    last = undefined
    expect(await deliver({ sharedSecret: secret }, '<Order/>')).toMatchObject({ ok: false, code: 'value-invalid', retry: false })
    expect(last).toBeUndefined()
  })
})
