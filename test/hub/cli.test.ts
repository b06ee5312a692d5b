import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { oneHub } from '../fixtures/one-hub.js'

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs one command line as a user types it, without the environment's own settings for Chainhub. */
const chainhub = (words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> => new Promise((resolve) => {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHAINHUB_')))
  const child = spawn(process.execPath, [projectFolder('hub', 'chainhub.mjs'), ...words], { env: { ...own, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString('utf8') })
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString('utf8') })
  child.once('close', (code) => { resolve({ code, out, err }) })
})

const sample = (...path: readonly string[]): string => projectFolder('mappings', ...path)
const orderFile = sample('ubl', 'samples', 'order.xml')
const shopFile = sample('shop-json', 'samples', 'order.json')

const hub = oneHub()
/** Runs a command against the hub, found by what it left in its data folder. */
const ask = (...words: readonly string[]): Promise<Ran> => chainhub([...words, '--data', hub.folder.path])
const fileWith = async (name: string, text: string): Promise<string> => {
  const path = join(dirname(hub.folder.path), name)
  await writeFile(path, text)
  return path
}


interface Sent { readonly outcome: string, readonly messageId: string, readonly passed?: unknown, readonly errors: readonly { readonly code: string }[] }
const sentOf = ({ out, err }: Ran): Sent => JSON.parse(out === '' ? err : out) as Sent

describe('chainhub send', () => {
  it('prints the outcome and ends with 0; sent again it is a duplicate', async () => {
    const first = await ask('send', orderFile, '--channel', 'demo-ubl', '--wait', 'crm,warehouse', '--timeout-ms', '20000')
    expect({ code: first.code, err: first.err, sent: sentOf(first) }).toMatchObject({ code: 0, err: '', sent: { outcome: 'accepted', passed: { crm: expect.any(Number) as unknown, warehouse: expect.any(Number) as unknown } } })
    const again = await ask('send', orderFile, '--channel', 'demo-ubl')
    expect({ code: again.code, sent: sentOf(again) }).toMatchObject({ code: 0, sent: { outcome: 'duplicate', messageId: sentOf(first).messageId } })
  })

  it('ends with 1 for a refused document, and prints the reason', async () => {
    const text = (await readFile(orderFile, 'utf8')).replace(/<cbc:IssueDate>[^<]*/, '<cbc:IssueDate>yesterday')
    const ran = await ask('send', await fileWith('bad.xml', text), '--channel', 'demo-ubl')
    expect({ code: ran.code, out: ran.out, sent: sentOf(ran) }).toMatchObject({ code: 1, out: '', sent: { outcome: 'rejected', errors: [{ code: 'value-invalid' }] } })
  })

  it('ends with 1 for an unknown channel and a wrong key', async () => {
    const channel = await ask('send', orderFile, '--channel', 'nowhere')
    expect({ code: channel.code, err: channel.err }).toEqual({ code: 1, err: expect.stringContaining('channel-unknown') as unknown })
    const key = await ask('send', orderFile, '--channel', 'demo-ubl', '--key', 'no-such-key-0000000000')
    expect({ code: key.code, err: key.err }).toEqual({ code: 1, err: expect.stringContaining('credentials-invalid') as unknown })
  })
})

describe('chainhub map', () => {
  it('prints the canonical document, the version of the mapping and the lineage, with no hub', async () => {
    const ran = await chainhub(['map', shopFile])
    const { format, mappingVersion, documents, lineage, errors } = JSON.parse(ran.out) as { readonly format: string, readonly mappingVersion: string, readonly documents: readonly object[], readonly lineage: readonly object[], readonly errors: readonly unknown[] }
    expect({ code: ran.code, format, errors }).toEqual({ code: 0, format: 'shop-json/order', errors: [] })
    expect(mappingVersion).toMatch(/^[0-9a-f]{8,}$/)
    expect(documents).toMatchObject([{ kind: 'order', number: 'W-100245' }])
    expect(lineage).toContainEqual(expect.objectContaining({ target: 'number', value: 'W-100245', line: 5 }))
  })

  it('prints it without the lineage, and in another format, which maps back to the same order', async () => {
    expect(JSON.parse((await chainhub(['map', shopFile, '--no-lineage'])).out)).toMatchObject({ lineage: [] })
    const ran = await chainhub(['map', shopFile, '--out', 'ubl'])
    expect({ code: ran.code, out: ran.out }).toEqual({ code: 0, out: expect.stringMatching(/<(\w+:)?Order [\s\S]*>W-100245</) as unknown })
    const json = await chainhub(['map', shopFile, '--out', 'ubl', '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ _D: 'urn:oasis:names:specification:ubl:schema:xsd:Order-2', Order: [{ ID: [{ _: 'W-100245' }] }] })
    const back = await chainhub(['map', await fileWith('written.xml', ran.out), '--no-lineage'])
    expect({ code: back.code, mapped: JSON.parse(back.out) as unknown }).toMatchObject({ code: 0, mapped: { format: 'ubl/order', documents: [{ kind: 'order', number: 'W-100245' }] } })
  })

  it('ends with 1 for a document that no format recognises, 2 for a file that is not there and a format that there is not', async () => {
    const unknown = await chainhub(['map', await fileWith('hello.xml', '<Hello/>')])
    expect({ code: unknown.code, out: unknown.out }).toEqual({ code: 1, out: expect.stringContaining('format-unknown') as unknown })
    expect(await chainhub(['map', 'no-such-file.xml'])).toMatchObject({ code: 2, err: expect.stringContaining('no-such-file.xml') as unknown })
    expect(await chainhub(['map', shopFile, '--format', 'poem'])).toMatchObject({ code: 2, err: expect.stringContaining('\'poem\'') as unknown })
    expect(await chainhub(['map', shopFile, '--out', 'poem'])).toMatchObject({ code: 2, err: expect.stringContaining('\'poem\'') as unknown })
  })
})

describe('chainhub format', () => {
  it('lists the documents of all languages, or of those that are named', async () => {
    const all = await chainhub(['format'])
    expect({ code: all.code, out: all.out }).toEqual({ code: 0, out: expect.stringMatching(/^ubl\/order +xml +order$/m) as unknown })
    const some = await chainhub(['format', 'shop-json', 'canonical'])
    expect(new Set(some.out.trim().split('\n').map((line) => line.split('/', 1)[0]))).toEqual(new Set(['shop-json', 'canonical']))
    expect(await chainhub(['format', 'klingon'])).toMatchObject({ code: 2, err: expect.stringContaining('\'klingon\'; there are ') as unknown })
  })
})

describe('chainhub messages and replay', () => {
  it('list what came in, filtered, and show one; a replay of what is accepted changes nothing', async () => {
    const sent = sentOf(await ask('send', shopFile, '--channel', 'demo-json'))
    const page = await ask('messages', '--channel', 'demo-json', '--json')
    expect({ code: page.code, page: JSON.parse(page.out) as unknown }).toMatchObject({ code: 0, page: { items: [{ messageId: sent.messageId, channel: 'demo-json' }] } })
    const one = await ask('messages', sent.messageId)
    expect({ code: one.code, one: JSON.parse(one.out) as unknown }).toMatchObject({ code: 0, one: { messageId: sent.messageId, outcome: 'accepted' } })
    const replayed = await ask('replay', sent.messageId)
    expect({ code: replayed.code, sent: sentOf(replayed) }).toMatchObject({ code: 0, sent: { messageId: sent.messageId, outcome: 'duplicate' } })
    const { items } = JSON.parse((await ask('messages', '--outcome', 'rejected', '--json')).out) as { readonly items: readonly { readonly outcome: string }[] }
    expect(items.every(({ outcome }) => outcome === 'rejected')).toBe(true)
  })

  it('end with 1 for a message that there is not and a wrong filter', async () => {
    const nobody = '00000000-0000-7000-8000-000000000000'
    expect(await ask('messages', nobody)).toMatchObject({ code: 1, err: expect.stringContaining('not-found') as unknown })
    expect(await ask('replay', nobody)).toMatchObject({ code: 1, err: expect.stringContaining('not-found') as unknown })
    expect(await ask('messages', '--outcome', 'fine')).toMatchObject({ code: 1, err: expect.stringContaining('request-invalid') as unknown })
  })
})

describe('chainhub digest and rebuild', () => {
  it('a rebuild tells its steps, ends with 0, and leaves the digests of all three databases as they were', async () => {
    await ask('send', orderFile, '--channel', 'demo-ubl', '--wait', 'crm,warehouse')
    const before = await ask('digest')
    expect({ code: before.code, lines: before.out.trim().split('\n') }).toEqual({ code: 0, lines: ['central', 'crm', 'warehouse'].map((name) => expect.stringMatching(new RegExp(`^${name} +[0-9a-f]{64}  at journal number \\d+$`)) as unknown) })
    for (const follower of ['crm', 'warehouse']) {
      const ran = await ask('rebuild', follower)
      expect({ code: ran.code, out: ran.out }).toEqual({ code: 0, out: expect.stringMatching(/done/) as unknown })
    }
    expect((await ask('digest')).out).toBe(before.out)
    expect(before.out).toContain((await ask('digest', 'crm')).out)
  })
})

describe('chainhub key create', () => {
  it('prints a key that works for its channel and for nothing else', async () => {
    const ran = await ask('key', 'create', '--role', 'channel', '--channel', 'demo-json')
    const { key } = JSON.parse(ran.out) as { readonly key: string }
    expect({ code: ran.code, key }).toEqual({ code: 0, key: expect.stringMatching(/^\S{20,}$/) as unknown })
    const environment = { CHAINHUB_URL: hub.url, CHAINHUB_KEY: key }
    expect(sentOf(await chainhub(['send', shopFile, '--channel', 'demo-json'], environment))).toMatchObject({ documents: [{ number: 'W-100245' }] })
    expect(await chainhub(['send', orderFile, '--channel', 'demo-ubl'], environment)).toMatchObject({ code: 1, err: expect.stringContaining('forbidden') as unknown })
    expect(await chainhub(['messages'], environment)).toMatchObject({ code: 1, err: expect.stringContaining('forbidden') as unknown })
  })

  it('ends with 1 for a channel that there is not', async () => {
    expect(await ask('key', 'create', '--role', 'channel', '--channel', 'nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('names its channel: demo-ubl, ') as unknown })
  })
})

describe('the command line itself', () => {
  it('help lists the commands and exit codes', async () => {
    const ran = await chainhub(['help'])
    expect(ran.code).toBe(0)
    for (const words of ['chainhub start', 'chainhub send', 'chainhub map', 'chainhub messages', 'chainhub replay', 'chainhub rebuild', 'chainhub digest', 'chainhub key create', 'chainhub bench', 'Exit codes: 0']) expect(ran.out).toContain(words)
    expect(await chainhub(['send', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('chainhub send FILE') as unknown })
  })

  it.each([
    [[], 'chainhub start'], [['dance'], 'dance'], [['send', orderFile], '--channel'], [['send', orderFile, '--chanel', 'x'], '--chanel'], [['send', 'no-such-file.xml', '--channel', 'demo-ubl'], 'no-such-file.xml'], [['map'], 'map FILE'],
    [['digest', 'moon'], 'moon'], [['rebuild', 'central'], 'rebuild crm|warehouse'], [['key', 'create'], '--role'], [['key'], 'key create'], [['replay'], 'replay ID'], [['bench', 'nothing'], 'nothing'], [['bench', 'ingest', '--only', 'moon'], 'intake, whole'], [['start', '--roles', 'some'], '--roles'],
  ])('ends with 2 for wrong usage: %j', async (words, said) => {
    const ran = await chainhub(words)
    expect({ code: ran.code, said: `${ran.out}${ran.err}` }).toEqual({ code: 2, said: expect.stringContaining(said) as unknown })
  })

  it.each([['send', orderFile, '--channel', 'demo-ubl'], ['messages'], ['digest'], ['replay', '00000000-0000-7000-8000-000000000000'], ['key', 'create', '--role', 'admin']])('ends with 3 where no hub answers: %s', async (...words) => {
    const nowhere = join(dirname(hub.folder.path), 'nowhere')
    expect(await chainhub([...words, '--data', nowhere])).toMatchObject({ code: 3, out: '', err: expect.stringContaining('No hub runs here') as unknown })
    expect(await chainhub([...words, '--url', 'http://127.0.0.1:1', '--key', 'any'])).toMatchObject({ code: 3, out: '', err: expect.stringContaining('cannot be reached') as unknown })
  })
})
