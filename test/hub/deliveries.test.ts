import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { until } from '../fixtures/deliveries.js'
import { company, documentOf, lineOf } from '../fixtures/documents.js'
import { adminKey } from '../fixtures/hub.js'
import { deliveringHub } from '../fixtures/delivering-hub.js'

const folder = await mkdtemp(join(tmpdir(), 'chainhub-test-drop-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const { hub, receiver } = await deliveringHub({
  endpoints: (url) => `
  - id: partner
    connector: http
    settings: { url: "${url}/inbox", allowedHosts: [127.0.0.1] }
    format: ubl
  - id: drop
    connector: file
    settings: { folder: "${folder}" }
    format: shop-json
`,
})

interface Listed {
  readonly items: readonly { readonly id: string, readonly state: string, readonly number: string, readonly endpoint: string, readonly messageId: string }[]
}

const parties = { buyer: company('Bo', 'gln:9520000001018'), seller: company('Selma', 'gln:9520000002053') }
const order = (number: string, seller = parties.seller) => JSON.stringify(documentOf('order', number, { ...parties, seller }, [lineOf('1', 'A', '1')]))
const json = { 'content-type': 'application/json' }
const subscribe = async (id: string, wish: object): Promise<void> => {
  const answer = await hub.request('PUT', `/subscriptions/${id}`, { body: JSON.stringify(wish), headers: json })
  expect({ status: answer.status, text: answer.status === 200 ? '' : await answer.text() }).toEqual({ status: 200, text: '' })
}
const list = async (query = ''): Promise<Listed['items']> => (await hub.json('GET', `/deliveries?limit=500${query}`) as Listed).items
const chainhub = (...words: readonly string[]): Promise<string> => promisify(execFile)(process.execPath, [projectFolder('hub', 'chainhub.mjs'), ...words, '--url', hub.url, '--key', adminKey]).then(({ stdout }) => stdout)

describe('deliveries of a hub', () => {
  it('go to the partners of a golden party, whichever of its numbers a document has, once the hub knows whose it is', async () => {
    await hub.send('canonical', order('1', company('Selma', 'gln:9520000002053', 'vat:DE123456789')), { query: '?wait=crm', headers: json })
    const { items } = await hub.json('GET', '/parties?q=9520000002053') as { items: { id: string }[] }
    await subscribe('golden', { endpoint: 'partner', parties: [{ id: items[0]?.id, role: 'seller' }] })
    await hub.send('canonical', order('2', company('Selma', 'vat:DE123456789')), { headers: json })
    await hub.send('canonical', order('3', company('Someone', 'gln:9520000007777')), { headers: json })
    await hub.send('canonical', order('4'), { headers: json })
    await until(list, (seen) => seen.length === 2 && seen.every(({ state }) => state === 'sent'))
    expect((await list()).map(({ number }) => number).toSorted()).toEqual(['2', '4'])
    expect((await receiver.arrivals()).every(({ body, type }) => type === 'application/xml' && /<(\w+:)?Order /.test(body))).toBe(true)
    await hub.request('DELETE', '/subscriptions/golden')
  })

  it('are looked at, edited and sent from the terminal', async () => {
    await receiver.control({ behaviours: [{ then: 'status 422', left: 1 }] })
    await subscribe('all', { endpoint: 'partner' })
    const { answer } = await hub.send('canonical', order('5'), { headers: json })
    const [parked] = await until(() => list('&state=parked'), (seen) => seen.length === 1)
    const id = parked?.id ?? ''
    expect(await chainhub('deliveries')).toMatch(new RegExp(`parked +partner +order 5 +1 +partner-denied`))
    expect(await chainhub('deliveries', '--state', 'skipped')).toBe('There are no such deliveries.\n')
    expect(await chainhub('alerts', '--open')).toMatch(/deliveries-parked +partner +/)
    expect(JSON.parse(await chainhub('deliveries', '--state', 'parked', '--json'))).toMatchObject({ items: [{ id, messageId: answer.messageId }] })
    expect(JSON.parse(await chainhub('deliveries', id))).toMatchObject({ history: [{ ordinal: 1, status: 422, code: 'partner-denied', answer: 'status 422' }], message: { messageId: answer.messageId, channel: 'canonical' } })
    expect(await hub.json('GET', `/messages/${answer.messageId}/deliveries`)).toMatchObject({ items: [{ id }] })
    expect(await (await hub.request('GET', `/deliveries/${id}/payload`)).text()).toContain('<cbc:ID>5</cbc:ID>')
    const file = join(dirname(hub.folder.path), 'edited.xml')
    await writeFile(file, '<Order>edited</Order>')
    await chainhub('deliver', 'edit', id, file)
    await until(() => list('&state=sent'), (seen) => seen.some((one) => one.id === id))
    expect((await receiver.arrivals()).at(-1)).toMatchObject({ id, body: '<Order>edited</Order>' })
    await expect(chainhub('deliver', 'skip', id)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('delivery-done') as unknown })
    await hub.request('DELETE', '/subscriptions/all')
  // Each command is a process of its own.
  }, 300_000)

  it('into a folder are files, whole and one each', async () => {
    await subscribe('files', { endpoint: 'drop', kinds: ['order'] })
    await hub.send('canonical', order('6'), { headers: json })
    const [sent] = await until(() => list('&endpoint=drop&state=sent'), (seen) => seen.length === 1)
    expect(await readdir(folder)).toEqual([`${sent?.id ?? ''}.json`])
    expect(JSON.parse(await readFile(join(folder, `${sent?.id ?? ''}.json`), 'utf8'))).toMatchObject({ orderId: '6' })
  })

  it('are counted, and a subscription that makes no sense is refused where it does not', async () => {
    expect(await (await hub.request('GET', '/metrics')).text()).toMatch(/chainhub_delivery_attempts_total\{endpoint="partner",outcome="sent"\} [1-9]/)
    for (const [wish, at] of [[{ endpoint: 'nobody' }, 'body.endpoint'], [{ endpoint: 'partner', channels: ['x'] }, 'body.channels'], [{ endpoint: 'partner', parties: [{ role: 'buyer' }] }, 'body.parties.0'], [{ endpoint: 'partner', expect: { answered: '1 day' } }, 'body.expect.answered'], [{ endpoint: 'partner', kinds: ['letter'] }, 'body.kinds.0'], [{ endpoint: 'partner', changed: ['a..b'] }, 'body.changed.0']] as const) {
      const answer = await hub.request('PUT', '/subscriptions/wrong', { body: JSON.stringify(wish), headers: json })
      expect({ status: answer.status, ...await answer.json() as object }).toMatchObject({ status: 400, code: 'request-invalid', at })
    }
  })
})
