import { spawn } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { order } from '../fixtures/intake.js'
import { oneHub } from '../fixtures/one-hub.js'
import { ublOrder } from '../fixtures/ubl-documents.js'

const hub = oneHub({ args: ['--demo'] })

interface Item { readonly messageId: string, readonly receivedAt: string, readonly channel: string, readonly outcome: string, readonly mappingVersion: string | null, readonly answer: { readonly documents: readonly { readonly number: string }[] } }
interface Page { readonly items: readonly Item[], readonly next?: string }
interface Ran { readonly code: number | null, readonly out: string, readonly err: string }

const json = (value: unknown): string => JSON.stringify(value)
const page = async (query: Readonly<Record<string, string>>): Promise<Page> => await hub.json('GET', `/messages?${new URLSearchParams(query).toString()}`) as Page
const numbers = async (query: Readonly<Record<string, string>>): Promise<readonly string[]> => (await page(query)).items.flatMap(({ answer }) => answer.documents.map(({ number }) => number))
const chainhub = (...words: readonly string[]): Promise<Ran> => new Promise((resolve) => {
  const child = spawn(process.execPath, [projectFolder('hub', 'chainhub.mjs'), ...words, '--data', hub.folder.path], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString('utf8') })
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString('utf8') })
  child.once('close', (code) => { resolve({ code, out, err }) })
})

/** Sent after the demo chain, the last of them refused. */
let sent: Record<'strange' | 'tried' | 'refused', string>
beforeAll(async () => {
  const send = async (channel: string, body: string): Promise<string> => (await hub.send(channel, body, { query: '?wait=crm&timeoutMs=20000' })).answer.messageId
  const item = { gtin: '4006381333931', sellersNumber: 'Stift/07', names: [{ value: 'Füllfederhalter „Édition“' }] }
  const [line] = (order('x') as { readonly lines: readonly object[] }).lines
  sent = {
    strange: await send('canonical', json(order('Ä-1/0815', { lines: [{ ...line, item }], notes: [{ value: '三十二英寸显示器, don\'t bend' }] }))),
    tried: await send('canonical', json(order('TRY-1', { currency: 'EUR', totals: { lines: { value: '11', currency: 'EUR' } } }))),
    refused: await send('demo-ubl', ublOrder({ number: 'R-1' }).replace('>10</cbc:Quantity>', '>ten</cbc:Quantity>')),
  }
})

describe('GET /messages finds messages', () => {
  it('by what their documents say: number, kind, party by name, identifier, key and golden id, item, words', async () => {
    expect(await numbers({ number: 'ä-1/0815' })).toEqual(['Ä-1/0815'])
    expect(await numbers({ number: '0815' })).toEqual([])
    expect(await numbers({ kind: 'invoice' })).toEqual(await numbers({ kind: 'invoice', channel: 'demo-ubl' }))
    const [party] = (await hub.json('GET', `/parties?q=${encodeURIComponent('上海莲花')}`) as { readonly items: readonly { readonly id: string }[] }).items
    const ofLotus = await numbers({ party: '上海莲花' })
    expect(ofLotus).toEqual(expect.arrayContaining(['PO-2026-0815', 'W-100245']))
    expect(ofLotus).not.toContain('Ä-1/0815')
    expect(await numbers({ party: party?.id ?? '' })).toEqual(ofLotus)
    expect(await numbers({ party: '9520000001018', kind: 'order' })).toEqual(expect.arrayContaining(['PO-2026-0815']))
    expect([await numbers({ party: 'canonical/id:900' }), await numbers({ party: 'nobody at all' })]).toEqual([['TRY-1', 'Ä-1/0815'], []])
    for (const item of ['4006381333931', '04006381333931', 'stift/07']) expect({ item, found: await numbers({ item }) }).toEqual({ item, found: ['Ä-1/0815'] })
    for (const text of ['füllfeder', 'edition stift', 'Édition', '显示器', '英', 'don\'t BEND', '0815 三十二']) expect({ text, found: await numbers({ text }) }).toEqual({ text, found: text === 'edition stift' ? [] : ['Ä-1/0815'] })
    expect([await numbers({ text: '示显' }), await numbers({ text: '!!' }), await numbers({ text: 'ederhalter' })]).toEqual([[], [], []])
  })

  it('by what they are: outcome, channel, sender, code, format, test, time; and all filters hold together', async () => {
    const ids = async (query: Readonly<Record<string, string>>) => (await page(query)).items.map(({ messageId }) => messageId)
    expect(await ids({ outcome: 'rejected' })).toEqual([sent.refused])
    expect(await ids({ code: 'value-invalid' })).toEqual([sent.refused])
    expect(await ids({ code: 'total-mismatch', channel: 'canonical' })).toEqual([sent.tried])
    expect(await ids({ text: 'ten decimal' })).toEqual([sent.refused])
    expect(await ids({ text: 'ten decimal', channel: 'canonical' })).toEqual([])
    expect(await ids({ partner: 'canonical' })).toEqual([sent.tried, sent.strange])
    expect(await ids({ partner: 'admin', format: 'canonical/order', test: 'false', text: '显示' })).toEqual([sent.strange])
    expect(await ids({ caller: 'admin', test: 'true' })).toEqual([])
    const [strange] = (await page({ number: 'Ä-1/0815' })).items
    expect(await ids({ until: strange?.receivedAt ?? '', channel: 'canonical' })).toEqual([])
    expect(await ids({ since: strange?.receivedAt ?? '', channel: 'canonical' })).toEqual([sent.tried, sent.strange])
    for (const query of ['since=yesterday', 'until=1.2.2026', 'code=none', 'kind=poem', 'test=maybe', `text=${'x'.repeat(201)}`, 'number=%00']) expect({ query, status: (await hub.request('GET', `/messages?${query}`)).status }).toEqual({ query, status: 400 })
  })

  it('page by page, each once, newest first, whatever comes meanwhile', async () => {
    for (const query of [{}, { party: '上海莲花' }, { text: 'lotus' }] as const) {
      const all = (await page(query)).items.map(({ messageId }) => messageId)
      expect(all).toEqual([...all].sort().reverse())
      const seen: string[] = []
      for (let cursor: string | undefined, more = true; more;) {
        const one = await page({ ...query, limit: '2', ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...one.items.map(({ messageId }) => messageId))
        if (seen.length === 2) await hub.send('canonical', json(order(`LATER-${Math.random()}`)), { query: '?wait=crm' })
        cursor = one.next
        more = cursor !== undefined
      }
      expect(seen).toEqual(all)
    }
  })
})

describe('a message', () => {
  it('shows what it was made into, with the version of its mapping, and a word on what was refused is kept once', async () => {
    const documents = await hub.json('GET', `/messages/${sent.strange}/canonical`) as { readonly items: readonly { readonly part: number, readonly mappingVersion: string, readonly document: { readonly number: string } }[] }
    const message = await hub.json('GET', `/messages/${sent.strange}`) as Item
    expect(documents.items).toMatchObject([{ part: 1, number: 'Ä-1/0815', revision: 1, mappingVersion: message.mappingVersion, document: { number: 'Ä-1/0815' } }])
    expect(await hub.json('GET', `/messages/${sent.refused}/canonical`)).toEqual({ items: [] })
    expect(await hub.json('POST', `/messages/${sent.refused}/discard`, { reason: 'twice', mendedBy: sent.refused })).toMatchObject({ code: 'request-invalid', at: 'mendedBy' })
    const decided = await hub.json('POST', `/messages/${sent.refused}/discard`, { reason: 'said better', mendedBy: sent.tried })
    expect(decided).toMatchObject({ outcome: 'rejected', decision: { reason: 'said better', mendedBy: sent.tried } })
    expect(await hub.json('POST', `/messages/${sent.refused}/discard`, { reason: 'again' })).toEqual(decided)
    expect(await hub.json('POST', `/messages/${sent.tried}/discard`, { reason: 'no need' })).toMatchObject({ outcome: 'accepted', decision: null })
  })
})

describe('the terminal', () => {
  it('lists messages in columns, and shows one side by side, or the bytes, the documents, the lineage', async () => {
    const { code, out } = await chainhub('messages', '--party', '上海莲花', '--kind', 'order')
    const [titles, ...lines] = out.trimEnd().split('\n')
    expect({ code, titles }).toEqual({ code: 0, titles: expect.stringMatching(/^received \(UTC\) +message +outcome +channel +sender +format +documents, or what is wrong$/) as unknown })
    expect(lines.map((line) => line.indexOf('accepted'))).toEqual(lines.map(() => titles?.indexOf('outcome')))
    expect(lines.at(-1)).toMatch(/order PO-2026-0815$/)
    const both = await chainhub('message', sent.strange, '--width', '120')
    const rows = both.out.split('\n').filter((line) => line.includes(' │ '))
    expect({ code: both.code, head: both.out.split('\n')[0] }).toEqual({ code: 0, head: `message   ${sent.strange}` })
    expect(rows[0]).toMatch(/^received +│ made of it$/)
    expect(both.out).toMatch(/"number":"Ä-1\/0815".* │ .*/)
    expect(both.out).toMatch(/ │ +"number": "Ä-1\/0815"/)
    expect((await chainhub('message', sent.strange)).out).toMatch(/\nreceived\n\n[^]*\nmade of it\n\norder Ä-1\/0815, revision 1\n/)
    expect(JSON.parse((await chainhub('message', sent.strange, '--raw')).out)).toMatchObject({ number: 'Ä-1/0815' })
    expect(JSON.parse((await chainhub('message', sent.strange, '--canonical')).out)).toMatchObject([{ number: 'Ä-1/0815' }])
    expect((await chainhub('message', sent.strange, '--lineage')).out).toContain('"target": "number"')
    expect((await chainhub('message', sent.refused, '--width', '100')).out).toMatch(/error +value-invalid at /)
    expect(await chainhub('message', '00000000-0000-7000-8000-000000000000')).toMatchObject({ code: 1, err: expect.stringContaining('not-found') as unknown })
    expect(await chainhub('message')).toMatchObject({ code: 2 })
  })

  it('tells what a replay would change before it is done, of one message and of a selection', async () => {
    expect((await chainhub('replay', sent.strange, '--diff')).out).toMatch(/nothing would change[^]*order Ä-1\/0815: unchanged/)
    const diff = await chainhub('replay', '--channel', 'canonical', '--kind', 'order', '--diff')
    expect({ code: diff.code, out: diff.out }).toEqual({ code: 0, out: expect.stringMatching(/^0 of \d+ messages would change \(\d+ accepted\)\. Say --yes/m) as unknown })
    expect(await chainhub('replay', '--channel', 'canonical', '--number', 'TRY-1', '--yes')).toMatchObject({ code: 0, out: '1 messages replayed: 1 duplicate.\n' })
    for (const words of [['replay'], ['replay', '--channel', 'canonical'], ['replay', sent.tried, '--channel', 'canonical'], ['replay', '--channel', 'canonical', '--diff', '--yes']]) expect({ words, code: (await chainhub(...words)).code }).toEqual({ words, code: 2 })
    expect(await chainhub('replay', '--number', 'nowhere', '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('finds none') as unknown })
  })

  it('lists what runs by itself and runs it', async () => {
    const { out } = await chainhub('jobs')
    for (const job of ['key-purge', 'partitions', 'replays', 'retention', 'search-index']) expect(out).toMatch(new RegExp(`^${job} `, 'm'))
    expect(JSON.parse((await chainhub('jobs', 'run', 'partitions')).out)).toMatchObject({ job: 'partitions', outcome: 'done', detail: { made: expect.any(Array) as unknown } })
    expect((await chainhub('jobs', 'partitions')).out).toMatch(/done +\{"made":\[/)
    expect(await chainhub('jobs', 'run', 'dance')).toMatchObject({ code: 1, err: expect.stringContaining('not-found') as unknown })
  })
})
