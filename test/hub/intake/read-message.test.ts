import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readMessage } from '../../../hub/intake/read-message.js'

const read = async (body: string | Uint8Array, contentType = '') => {
  const result = await readMessage({ bytes: Buffer.from(body), contentType, contentEncoding: undefined }, { maxExpandedBytes: 1_000_000 })
  return result.ok ? result.value.map(({ head, root }) => (root.ok ? { ...head, root: root.value.name } : { code: root.code })) : { code: result.code }
}

const sbdh = 'http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader'
const header = `<s:StandardBusinessDocumentHeader><s:HeaderVersion>1.0</s:HeaderVersion><s:Sender><s:Identifier Authority="gln"> 0007 </s:Identifier></s:Sender>
  <s:Receiver><s:Identifier>0008</s:Identifier></s:Receiver><s:DocumentIdentification><s:InstanceIdentifier>i-1</s:InstanceIdentifier></s:DocumentIdentification></s:StandardBusinessDocumentHeader>`
const business = (inner: string) => `<s:StandardBusinessDocument xmlns:s="${sbdh}">${header}${inner}</s:StandardBusinessDocument>`
const soap = (inner: string, version = 'http://schemas.xmlsoap.org/soap/envelope/') => `<e:Envelope xmlns:e="${version}"><e:Header/><e:Body>${inner}</e:Body></e:Envelope>`

describe('a message', () => {
  it('is XML or JSON by what it holds, whatever its content type says', async () => {
    expect(await read('<a/>', 'text/plain')).toMatchObject([{ root: 'a' }])
    expect(await read('<a/>', 'application/json')).toMatchObject([{ root: 'a' }])
    expect(await read('{"a":1}', 'text/plain')).toHaveLength(1)
  })

  it.each(['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'])('in a SOAP envelope is opened: %s', async (version) => {
    expect(await read(soap('<a/>', version))).toMatchObject([{ root: 'a' }])
    expect(await read(soap('', version))).toEqual({ code: 'envelope-invalid' })
  })

  it('in a StandardBusinessDocument has its sender, receiver and instance', async () => {
    expect(await read(business('<a/><b/>'))).toMatchObject([{ root: 'a', sender: '0007', receiver: '0008', controlNumber: 'i-1' }, { root: 'b', sender: '0007' }])
    expect(await read(business(''))).toEqual({ code: 'envelope-invalid' })
  })

  it('in envelopes of envelopes is opened to the document', async () => {
    expect(await read(gzipSync(soap(business('<a/>'))))).toMatchObject([{ root: 'a', sender: '0007' }])
    expect(await read(Array.from({ length: 12 }).reduce<string>((inner) => soap(inner), '<a/>'))).toEqual([{ code: 'limit-exceeded' }])
  })

  it('of several parts gives each its own, one that cannot be read failing alone', async () => {
    const body = ['preamble', '--b', 'Content-Type: application/xml', '', '<a/>', '--b', 'Content-Type: application/json', 'Content-Transfer-Encoding: base64', '',
      Buffer.from('[{"x":1},{"x":2}]').toString('base64'), '--b', '', '<broken', '--b--', 'epilogue'].join('\r\n')
    expect(await read(body, 'multipart/mixed; boundary="b"')).toMatchObject([{ root: 'a' }, { root: '' }, { root: '' }, { code: 'xml-not-well-formed' }])
    expect(await read('none', 'multipart/mixed; boundary=b')).toEqual({ code: 'envelope-invalid' })
    expect(await read(body, 'multipart/mixed; charset=utf-8')).toEqual({ code: 'envelope-invalid' })
  })

  it('with related parts is its root part alone', async () => {
    const body = ['--b', 'Content-Id: <image>', '', 'binary', '--b', 'Content-Type: text/xml', 'Content-ID: <root>', '', '<a/>', '--b--', ''].join('\r\n')
    expect(await read(body, 'multipart/related; start="<root>"; boundary=b')).toMatchObject([{ root: 'a' }])
  })

  it('in GB18030 is decoded as it declares', async () => {
    const bytes = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="GB18030"?><a>'), Buffer.from([0xc9, 0xcf, 0xba, 0xa3]), Buffer.from('</a>')])
    const result = await readMessage({ bytes, contentType: 'application/xml', contentEncoding: undefined }, { maxExpandedBytes: 1000 })
    expect(result).toMatchObject({ ok: true, value: [{ root: { ok: true, value: { text: '上海' } } }] })
  })

  it('of more parts than can be answered is refused', async () => {
    expect(await read(`[${Array.from({ length: 10_001 }).fill('{}').join(',')}]`)).toEqual({ code: 'limit-exceeded' })
  })
})

describe('what is neither XML nor JSON', () => {
  it.each([
    ['UN/EDIFACT', "UNB+UNOC:3+1:14+2:14+260305:0900+1'"], ['X12', 'ISA*00*          *00*'], ['CSV', 'number,date\r\nPO-1,2026-03-05\r\n'], ['YAML', 'order:\n  number: 1'],
    ['Base64', Buffer.from('<?xml version="1.0"?><a/>').toString('base64')], ['a form', 'number=1&date=2'], ['begins with "ä"', 'ä'], ['flat IDoc', 'EDI_DC40  100'], ['PEM', '-----BEGIN CMS-----'],
  ])('is refused by what it is: %s', async (what, body) => {
    const refused = await readMessage({ bytes: Buffer.from(body), contentType: 'application/xml', contentEncoding: undefined }, { maxExpandedBytes: 1_000_000 })
    expect(refused).toMatchObject({ ok: false, code: 'syntax-unknown', at: '1:1', detail: expect.stringContaining(what) as unknown })
  })
  it.each([['PDF', '%PDF-1.7'], ['ZIP', 'PK\u0003\u0004'], ['PNG', '\u0089PNG\r\n']])('is refused as bytes: %s', async (what, start) => {
    const refused = await readMessage({ bytes: Buffer.from(`${start}\0\u00ff`, 'latin1'), contentType: '', contentEncoding: undefined }, { maxExpandedBytes: 1_000_000 })
    expect(refused).toMatchObject({ ok: false, code: 'syntax-unknown', at: 'byte 0', detail: expect.stringContaining(what) as unknown })
  })
})

describe('gzip', () => {
  const layers = (count: number): Uint8Array => { let bytes: Uint8Array = Buffer.from('<a/>'); for (let layer = 0; layer < count; layer++) bytes = gzipSync(bytes); return bytes }
  const open = (bytes: Uint8Array, contentEncoding?: string) => readMessage({ bytes, contentType: '', contentEncoding }, { maxExpandedBytes: 100_000_000 })

  it('around gzip is opened, announced or not, but not without end', async () => {
    expect(await open(layers(8))).toMatchObject({ ok: true })
    expect(await open(layers(8), 'gzip')).toMatchObject({ ok: true })
    expect(await open(layers(9))).toMatchObject({ code: 'limit-exceeded', detail: expect.stringContaining('8 times over') as unknown })
  })
  it('that is announced over bytes that are not gzip is refused', async () => {
    expect(await open(Buffer.from('<a/>'), 'gzip')).toMatchObject({ code: 'content-encoding-invalid', at: 'Content-Encoding' })
    expect(await open(layers(1), 'gzip, gzip')).toMatchObject({ code: 'content-encoding-invalid', at: 'Content-Encoding' })
    expect(await open(Buffer.from('<a/>'), 'deflate')).toMatchObject({ code: 'content-encoding-invalid', at: 'body' })
    expect(await open(Buffer.alloc(0), 'gzip')).toMatchObject({ code: 'message-empty' })
  })
  it('that expands two hundred times is refused when it has given 8 MB', async () => {
    expect(await open(gzipSync(Buffer.alloc(9_000_000, ' ')))).toMatchObject({ code: 'limit-exceeded', detail: expect.stringContaining('200 times what was sent') as unknown })
    expect(await open(gzipSync(Buffer.alloc(8_000_000, ' ')))).toMatchObject({ code: 'message-empty' })
  })
})

describe('the limits of a message', () => {
  const gzipOf = (line: string, count: number): Uint8Array => gzipSync(Array.from({ length: count }).fill(line).join('\n'))
  const multipart = (sections: readonly string[]) => [...sections.flatMap((section) => ['--b', '', section]), '--b--', ''].join('\r\n')
  const zeros = (count: number) => `[${'0,'.repeat(count - 2)}0]`

  it('hold for the nodes of all its lines together', async () => {
    expect(await readMessage({ bytes: gzipOf(zeros(2000), 300), contentType: 'application/x-ndjson', contentEncoding: undefined }, { maxExpandedBytes: 10_000_000 })).toMatchObject({ ok: false, code: 'limit-exceeded' })
    expect(await read(Array.from({ length: 12 }).fill('{"a":1}').join('\n'), 'application/x-ndjson')).toHaveLength(12)
  })

  it.each([
    ['XML', `<a>${'<b/>'.repeat(3)}</a>`, '1:12 There are more than 3 elements and attributes'], ['JSON', '{"a":[1,2,3]}', '1:11 There are more than 3 values'],
  ])('are those of its channel, and no more: %s', async (_name, body, said) => {
    const limits = { maxExpandedBytes: 1000, maxNodes: 3 }
    const refused = await readMessage({ bytes: Buffer.from(body), contentType: '', contentEncoding: undefined }, limits)
    expect(refused.ok ? 'read' : `${refused.code} ${refused.at} ${refused.detail}`).toBe(`limit-exceeded ${said}; send them in several messages, or raise maxNodes of the channel, which may be 250000.`)
    expect(await readMessage({ bytes: Buffer.from(body), contentType: '', contentEncoding: undefined }, { ...limits, maxNodes: 4 })).toMatchObject({ ok: true })
  })

  it('hold for the nodes of all its parts together, whether these can be read or not', async () => {
    const part = zeros(120_000)
    expect(await read(multipart([part.slice(0, -1), part.slice(0, -1)]), 'multipart/mixed; boundary=b')).toMatchObject([{ code: 'json-not-well-formed' }, { code: 'json-not-well-formed' }])
    expect(await read(multipart(Array.from({ length: 5 }, () => part.slice(0, -1))), 'multipart/mixed; boundary=b')).toEqual({ code: 'limit-exceeded' })
    expect(await read(multipart(Array.from({ length: 5 }, () => `<a>${'<b/>'.repeat(120_000)}</a>`)), 'multipart/mixed; boundary=b')).toEqual({ code: 'limit-exceeded' })
  })

  it('hold for the bytes that all its parts expand to', async () => {
    const section = gzipSync(JSON.stringify({ a: 'x'.repeat(400_000) })).toString('base64')
    const body = (count: number) => Array.from({ length: count }, () => `--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${section}\r\n`).join('') + '--b--'
    expect(await read(body(2), 'multipart/mixed; boundary=b')).toHaveLength(2)
    expect(await read(body(3), 'multipart/mixed; boundary=b')).toEqual({ code: 'limit-exceeded' })
  })

  it('hold for its parts, readable or not, before all of them are read', async () => {
    const startedMs = performance.now()
    expect(await read('x\n'.repeat(400_000), 'application/x-ndjson')).toEqual({ code: 'limit-exceeded' })
    expect(await read('--b\r\n'.repeat(150_000), 'multipart/mixed; boundary=b')).toEqual({ code: 'limit-exceeded' })
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })
})
