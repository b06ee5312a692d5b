import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { adminKey } from '../fixtures/hub.js'
import { oneHub } from '../fixtures/one-hub.js'

const fixtures = projectFolder('test', 'fixtures', 'schemas')
const sample = readFileSync(projectFolder('mappings', 'ubl', 'samples', 'order.xml'), 'utf8')
const shopSample = readFileSync(projectFolder('mappings', 'shop-json', 'samples', 'order.json'), 'utf8')
const order = (number: string, more: (text: string) => string = (text) => text): string => more(sample.replace('PO-2026-0815', number))

const hub = oneHub()

/** Runs `chainhub schema …` as an integrator would. */
const schema = (...words: readonly string[]): Promise<{ readonly code: number | null, readonly printed: string }> => new Promise((resolve) => {
  const child = spawn(process.execPath, [projectFolder('hub', 'chainhub.mjs'), 'schema', ...words, '--url', hub.url, '--key', adminKey])
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { printed += chunk.toString('utf8') })
  child.once('close', (code) => { resolve({ code, printed }) })
})

const put = async (name: string, body: object): Promise<{ readonly status: number, readonly problem: unknown }> => {
  const answer = await fetch(new URL(`/schema-sets/${name}`, hub.url), { method: 'PUT', headers: { 'authorization': `Bearer ${adminKey}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return { status: answer.status, problem: await answer.json() as unknown }
}
const remove = async (name: string): Promise<number> => (await fetch(new URL(`/schema-sets/${name}`, hub.url), { method: 'DELETE', headers: { authorization: `Bearer ${adminKey}` } })).status

const breaches = ({ errors }: MessageAnswer): readonly string[] => errors.map(({ code, at, rule, severity }) => [code, at, rule, severity].filter((one) => one !== undefined).join(' '))

const orderXsd = (content: string): string =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:oasis:names:specification:ubl:schema:xsd:Order-2" elementFormDefault="qualified"><xs:element name="Order">${content}</xs:element></xs:schema>`
const anything = '<xs:complexType><xs:sequence><xs:any processContents="skip" maxOccurs="unbounded"/></xs:sequence><xs:attribute name="mark" use="required"/></xs:complexType>'

describe('a folder of XSDs, registered from the command line', () => {
  it('is for every message with its root element, and names line, path, rule and what to do in JSON', async () => {
    expect(await schema('add', join(fixtures, 'order'), '--name', 'house')).toMatchObject({ code: 0, printed: expect.stringMatching(/"name": "house"[^]*"elements": 8/) as unknown })
    expect((await hub.send('demo-ubl', order('PO-1'))).answer).toMatchObject({ outcome: 'accepted', errors: [] })
    const { status, answer } = await hub.send('demo-ubl', order('PO-1234567890-1234567890', (text) => text.replace('2026-03-02', '2026-02-30').replace(' languageID="en"', '')))
    expect({ status, outcome: answer.outcome, documents: answer.documents }).toEqual({ status: 422, outcome: 'rejected', documents: [] })
    expect(answer.errors).toEqual([
      { code: 'schema-violation', at: '6:3 cbc:ID', line: 6, path: 'cbc:ID', rule: 'cvc-maxLength-valid', detail: expect.stringContaining('(schema set house)') as unknown, fix: { en: expect.stringContaining('at most 20') as unknown, zh: expect.stringContaining('最多只能有 20') as unknown } },
      { code: 'schema-violation', at: '7:3 cbc:IssueDate', line: 7, path: 'cbc:IssueDate', rule: 'cvc-datatype-valid', detail: expect.stringContaining('2026-02-30') as unknown, fix: { en: expect.stringContaining('2026-03-31') as unknown, zh: expect.stringContaining('日期') as unknown } },
      { code: 'schema-violation', at: '9:3 cbc:Note/@languageID', line: 9, path: 'cbc:Note/@languageID', rule: 'cvc-complex-type.4', detail: expect.any(String) as unknown, fix: { en: expect.stringContaining('needs the attribute "languageID"') as unknown, zh: expect.stringContaining('缺少必填属性“languageID”') as unknown } },
    ])
  })

  it('is listed in a table, or with --json as it came', async () => {
    const { code, printed } = await schema('list')
    const [titles, ...rows] = printed.trimEnd().split('\n')
    expect({ code, titles }).toEqual({ code: 0, titles: expect.stringMatching(/^registered \(UTC\) +by +schemas +version +mode +channels +format +root elements$/) as unknown })
    expect(rows).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\S+ +house +[0-9a-f]{16} +refuse +all +8$/) as unknown])
    expect(JSON.parse((await schema('list', '--json')).printed)).toMatchObject({ items: [{ name: 'house', elements: 8 }] })
  })

  it('says the same in XML and over SOAP', async () => {
    const wrong = order('PO-2', (text) => text.replace('2026-03-02', 'soon'))
    const xml = await hub.request('POST', '/in/demo-ubl', { body: wrong, headers: { accept: 'application/xml' } })
    expect(await xml.text()).toMatch(/<errors><code>schema-violation<\/code><at>7:3 cbc:IssueDate<\/at><detail>[^<]*<\/detail><line>7<\/line><path>cbc:IssueDate<\/path><rule>cvc-datatype-valid<\/rule><fix><en>[^<]*2026-03-31[^<]*<\/en><zh>[^<]*日期[^<]*<\/zh><\/fix><\/errors>/)
    const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SubmitDocument xmlns="urn:chainhub:v1"><channel>demo-soap</channel><document>${wrong.replace(/<\?xml.*\?>\s*/, '')}</document></SubmitDocument></s:Body></s:Envelope>`
    const soap = await hub.request('POST', '/soap/v1', { body: envelope, headers: { 'content-type': 'text/xml; charset=utf-8' } })
    expect(await soap.text()).toMatch(/<ch:code>schema-violation<\/ch:code>.*<ch:path>[^<]*IssueDate<\/ch:path><ch:rule>cvc-datatype-valid<\/ch:rule><ch:fix><ch:en>[^<]+<\/ch:en><ch:zh>[^<]*日期[^<]*<\/ch:zh><\/ch:fix>/s)
  })

  it('is held against each part of an envelope for itself, by its place in the message', async () => {
    const bare = (text: string): string => text.replace(/<\?xml.*\?>\s*/, '')
    const header = '<h:StandardBusinessDocumentHeader><h:Sender><h:Identifier>a</h:Identifier></h:Sender></h:StandardBusinessDocumentHeader>'
    const envelope = `<h:StandardBusinessDocument xmlns:h="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">${header}\n${bare(order('PO-3'))}\n${bare(order('PO-4', (text) => text.replace('2026-03-02', 'soon')))}</h:StandardBusinessDocument>`
    const { answer } = await hub.send('demo-ubl', envelope)
    expect({ outcome: answer.outcome, parts: answer.parts?.map(({ outcome }) => outcome) }).toEqual({ outcome: 'partial', parts: ['accepted', 'rejected'] })
    const line = envelope.split('\n').findIndex((text) => text.includes('soon')) + 1
    expect(answer.parts?.[1]?.errors).toMatchObject([{ at: `${line}:3 cbc:IssueDate`, line }])
  })

  it('reads GB18030 and UTF-16, characters of four bytes too, and tells what it read', async () => {
    const wrong = order('𠀀𠀁', (text) => text.replace('encoding="UTF-8"', 'encoding="UTF-16"'))
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(wrong, 'utf16le')])
    const gb18030 = Buffer.concat([Buffer.from(wrong.slice(0, wrong.indexOf('𠀀')).replaceAll(/[^\0-\x7f]/g, '').replace('UTF-16', 'GB18030'), 'latin1'), Buffer.from('95328236953282379533', 'hex').subarray(0, 8), Buffer.from(wrong.slice(wrong.indexOf('𠀁') + 2).replaceAll(/[^\0-\x7f]/g, ''), 'latin1')])
    for (const bytes of [utf16, gb18030]) {
      const { answer } = await hub.send('demo-ubl', bytes)
      expect({ breaches: breaches(answer), detail: answer.errors[0]?.detail }).toEqual({ breaches: ['schema-violation 6:3 cbc:ID cvc-pattern-valid'], detail: expect.stringContaining('𠀀𠀁') as unknown })
    }
  })

  it('is still in force after the hub was killed, and the message says which version it was held against', async () => {
    await hub.startAgain()
    const { answer } = await hub.send('demo-ubl', order('PO-5', (text) => text.replace('2026-03-02', 'soon')))
    expect(breaches(answer)).toEqual(['schema-violation 7:3 cbc:IssueDate cvc-datatype-valid'])
    const { items: [set] } = await hub.json('GET', '/schema-sets') as { readonly items: readonly { readonly name: string, readonly version: string }[] }
    expect(await hub.json('GET', `/messages/${answer.messageId}`)).toMatchObject({ schemaSets: [{ part: 1, name: 'house', version: set?.version }] })
    expect(await hub.json('GET', `/schema-sets/house/versions/${set?.version ?? ''}`)).toMatchObject({ files: expect.arrayContaining([expect.objectContaining({ path: 'common/types.xsd' })]) as unknown })
  })

  it('gives way to a new version, by which a refused message can be replayed; the old version stays', async () => {
    const refused = await hub.send('demo-ubl', order('XX-6'))
    expect(breaches(refused.answer)).toEqual(['schema-violation 6:3 cbc:ID cvc-pattern-valid'])
    const before = await hub.json('GET', '/schema-sets/house') as { readonly version: string, readonly files: readonly { readonly path: string }[] }
    const files = before.files.map(({ path }) => ({ path, text: readFileSync(join(fixtures, 'order', path), 'utf8').replace('PO-[0-9\\-]+', '.*') }))
    expect(await put('house', { files })).toMatchObject({ status: 200 })
    expect(await hub.json('POST', `/messages/${refused.answer.messageId}/replay`)).toMatchObject({ outcome: 'accepted', errors: [] })
    const after = await hub.json('GET', '/schema-sets/house') as { readonly version: string, readonly versions: readonly { readonly version: string }[] }
    expect(after.version).not.toBe(before.version)
    expect(after.versions.map(({ version }) => version).sort()).toEqual([after.version, before.version].sort())
    expect(await hub.json('GET', `/messages/${refused.answer.messageId}`)).toMatchObject({ schemaSets: [{ part: 1, name: 'house', version: after.version }] })
  })

  it('stands beside another for the same root: both are told, and one that only warns refuses nothing', async () => {
    expect(await put('marked', { files: [{ path: 'a.xsd', text: orderXsd(anything) }], mode: 'warn', channels: ['demo-ubl'] })).toMatchObject({ status: 200, problem: { mode: 'warn', channels: ['demo-ubl'] } })
    const warned = await hub.send('demo-ubl', order('PO-7'))
    expect({ outcome: warned.answer.outcome, breaches: breaches(warned.answer) }).toEqual({ outcome: 'accepted', breaches: ['schema-violation 2:1 @mark cvc-complex-type.4 warning'] })
    const both = await hub.send('demo-ubl', order('PO-8', (text) => text.replace('2026-03-02', 'soon')))
    expect(breaches(both.answer)).toEqual(['schema-violation 7:3 cbc:IssueDate cvc-datatype-valid', 'schema-violation 2:1 @mark cvc-complex-type.4 warning'])
    expect((await hub.send('demo-soap', order('PO-9'))).answer.errors).toEqual([])
    expect(await remove('marked')).toBe(200)
    expect(await remove('marked')).toBe(404)
    expect((await hub.send('demo-ubl', order('PO-10'))).answer.errors).toEqual([])
  })

  it('is refused whole where a file is broken, with file, line and reason, and what was in force stays', async () => {
    const place = await mkdtemp(join(tmpdir(), 'chainhub-test-'))
    await writeFile(join(place, 'order.xsd'), `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n\n<xs:element name="Order" type="Missing"/></xs:schema>`)
    const before = await hub.json('GET', '/schema-sets')
    expect(await schema('add', place, '--name', 'house')).toMatchObject({ code: 1, printed: expect.stringMatching(/"code": "schema-invalid"[^]*"at": "order.xsd:3"|"at": "order.xsd:3"[^]*schema-invalid/) as unknown })
    expect(await hub.json('GET', '/schema-sets')).toEqual(before)
    expect((await schema('add', join(place, 'nowhere'))).code).toBe(2)
    await rm(place, { recursive: true })
  })

  it('opens no file and no address that it names', async () => {
    const xxe = `<!DOCTYPE xs:schema [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n${orderXsd('<xs:complexType><xs:sequence><xs:any processContents="skip" maxOccurs="unbounded"/></xs:sequence><xs:attribute name="a" default="&x;"/></xs:complexType>')}`
    expect(JSON.stringify(await put('xxe', { files: [{ path: 'a.xsd', text: xxe }] }))).not.toContain('root:')
    await remove('xxe')
    expect(await put('far', { files: [{ path: 'a.xsd', text: `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="${hub.url}/health/live"/></xs:schema>` }] })).toMatchObject({ status: 422, problem: { code: 'schema-invalid', at: 'a.xsd:1' } })
    const { answer } = await hub.send('demo-ubl', order('PO-11', (text) => text.replace('<Order ', `<Order xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:oasis:names:specification:ubl:schema:xsd:Order-2 file:///etc/passwd" `)))
    expect(answer.errors.map(({ detail }) => detail).join()).not.toContain('root:')
  })
})

describe('JSON Schemas', () => {
  it('are for the channels that they were registered for, and say where and what to do', async () => {
    expect(await schema('add', join(fixtures, 'shop-order'))).toMatchObject({ code: 1, printed: expect.stringContaining('--channel') as unknown })
    expect(await schema('add', join(fixtures, 'shop-order'), '--channel', 'demo-json', '--format', 'shop-json/order')).toMatchObject({ code: 0, printed: expect.stringContaining('"jsonRoot": "order.schema.json"') as unknown })
    const sent = shopSample.replace('"W-100245"', '"X-1"').replace('"lineNo": 1', '"lineNo": 1.5').replace('"quantity": 6', '"quantity": 99999999999999999.991')
    const { answer } = await hub.send('demo-json', sent)
    const lineOf = (text: string): number => sent.split('\n').findIndex((line) => line.includes(text)) + 1
    expect(answer.errors.map(({ line, path, rule }) => `${line ?? 0} ${path ?? ''} ${rule ?? ''}`)).toEqual([
      `${lineOf('X-1')} orderId pattern`, `${lineOf('1.5')} items[1]/lineNo type`, `${lineOf('99999999')} items[1]/quantity maximum`, `${lineOf('99999999')} items[1]/quantity multipleOf`,
    ])
    expect(answer.errors[2]).toMatchObject({ code: 'schema-violation', detail: expect.stringContaining('it is 99999999999999999.991') as unknown, fix: { en: expect.stringContaining('99999999999999999.99 is the most') as unknown, zh: expect.stringContaining('最大为 99999999999999999.99') as unknown } })
    expect((await hub.send('demo-json', shopSample.replace('W-100245', 'W-7'))).answer).toMatchObject({ outcome: 'accepted', errors: [] })
    const array = await hub.send('demo-json', `[${shopSample.replace('W-100245', 'W-8')},\n${shopSample.replace('W-100245', 'Y-9')}]`)
    expect(array.answer.parts?.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected'])
    expect(await remove('shop-order')).toBe(200)
  })

  it('with a pattern that never ends refuse the one document, store it, and keep nobody waiting', async () => {
    expect(await put('slow', { files: [{ path: 's.json', text: '{"properties":{"customerComment":{"pattern":"^(a+)+$"}}}' }], channels: ['demo-json'] })).toMatchObject({ status: 200 })
    const hung = hub.send('demo-json', shopSample.replace('W-100245', 'W-20').replace('请提前一天电话联系', `${'a'.repeat(50)}!`))
    expect((await hub.send('demo-soap', order('PO-20'))).answer.outcome).toBe('accepted')
    const { status, answer } = await hung
    expect({ status, codes: answer.errors.map(({ code }) => code) }).toEqual({ status: 422, codes: ['schema-check-failed'] })
    expect(await hub.json('GET', `/messages/${answer.messageId}`)).toMatchObject({ outcome: 'rejected' })
    expect(await remove('slow')).toBe(200)
    expect(await hub.json('POST', `/messages/${answer.messageId}/replay`)).toMatchObject({ outcome: 'accepted' })
  })
})

describe('who may register', () => {
  it('is an administrator, and what is registered names channels and formats that are there', async () => {
    const { key } = await hub.json('POST', '/keys', { role: 'channel', channel: 'demo-ubl' }) as { readonly key: string }
    const answer = await fetch(new URL('/schema-sets', hub.url), { headers: { authorization: `Bearer ${key}` } })
    expect(answer.status).toBe(403)
    const files = [{ path: 'a.xsd', text: orderXsd('') }]
    expect(await put('a', { files, channels: ['nowhere'] })).toMatchObject({ status: 400, problem: { at: 'channels' } })
    expect(await put('a', { files, format: 'no/format' })).toMatchObject({ status: 400, problem: { at: 'format' } })
    expect(await put('a', { files: [{ path: 'a.txt', text: 'x' }] })).toMatchObject({ status: 400 })
    expect(await put('a', { files: [...files, ...files] })).toMatchObject({ status: 400, problem: { detail: expect.stringContaining('twice') as unknown } })
    expect(await put('A B', { files })).toMatchObject({ status: 400 })
    expect(await put('a', { files: [{ path: 'a.xsd', text: '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>' }] })).toMatchObject({ status: 422, problem: { detail: expect.stringContaining('no global element') as unknown } })
  })
})

const ubl = projectFolder('..', 'shared', 'corpora', 'ubl', 'xsd')
if (!existsSync(ubl)) console.warn(`SKIPPED: ${ubl} is not there, so the schemas of UBL are not registered.`)

describe.skipIf(!existsSync(ubl))('the schemas of UBL 2.5', () => {
  it('are registered as OASIS ships them and take and refuse orders', async () => {
    await remove('house')
    expect(await schema('add', ubl, '--name', 'ubl-2.5')).toMatchObject({ code: 0 })
    expect((await hub.send('demo-ubl', order('PO-30'))).answer).toMatchObject({ outcome: 'accepted', errors: [] })
    const { answer } = await hub.send('demo-ubl', order('PO-31', (text) => text.replace('<cbc:IssueDate>2026-03-02</cbc:IssueDate>', '')))
    expect(breaches(answer)).toEqual(['schema-violation 8:3 cbc:IssueTime cvc-complex-type.2.4.a'])
  })
})
