import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { oneHub } from '../fixtures/one-hub.js'

const sample = (...path: readonly string[]) => readFile(projectFolder('mappings', ...path))

interface Quantity { readonly value: string, readonly unit: string }
interface ThreadView {
  readonly documents: readonly { readonly kind: string, readonly number: string, readonly messageId: string }[]
  readonly lines: readonly Readonly<Record<string, readonly Quantity[]>>[]
  readonly missing: readonly unknown[]
  readonly journalSeq: number
}
interface PartyPage { readonly items: readonly { readonly id: string, readonly name: string, readonly sources: number }[] }
interface CubeAnswer { readonly cells: readonly Readonly<Record<string, unknown>>[], readonly journalSeq: number, readonly ageMs: number }
interface DrillAnswer { readonly items: readonly { readonly messageId: string, readonly documentId: string, readonly number: string }[] }

/** The walk of the README: what a new user does. */
describe('the main job: orders in by XML, JSON, SOAP and GB18030; a view and a report out', () => {
  const hub = oneHub()
  const answers = new Map<string, MessageAnswer>()
  const send = async (channel: string, name: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<MessageAnswer> => {
    const { status, answer } = await hub.send(channel, body, { query: '?wait=crm,warehouse&timeoutMs=20000', headers })
    expect({ name, status, errors: answer.errors }).toEqual({ name, status: 200, errors: [] })
    answers.set(name, answer)
    return answer
  }

  it('accepts the five documents of one thread and says which thread that is', async () => {
    for (const name of ['order', 'order-response', 'despatch-advice', 'receipt-advice', 'invoice']) {
      const answer = await send('demo-ubl', name, await sample('ubl', 'samples', `${name}.xml`))
      expect(answer.outcome).toBe('accepted')
      expect(answer.documents[0]?.threadIds).toEqual(answers.get('order')?.documents[0]?.threadIds)
      expect(answer.passed?.['crm']).toBeGreaterThanOrEqual(answer.journalSeq ?? Infinity)
    }
  })

  it('takes the same customer\'s orders from three other systems', async () => {
    await send('demo-json', 'order.json', await sample('shop-json', 'samples', 'order.json'), { 'content-type': 'application/json' })
    await send('demo-ubl-gb18030', 'order-gb18030', await sample('ubl', 'samples', 'order-gb18030.xml'))
    const document = (await sample('ubl', 'samples', 'order-soap.xml')).toString('utf8').replace(/^<\?xml[^>]*\?>/, '')
    const reply = await hub.request('POST', '/soap/v1', {
      headers: { 'content-type': 'text/xml; charset=utf-8', 'soapaction': '""' },
      body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SubmitDocument xmlns="urn:chainhub:v1"><channel>demo-soap</channel><wait>crm,warehouse</wait><document>${document}</document></SubmitDocument></s:Body></s:Envelope>`,
    })
    const text = await reply.text()
    expect(text).toMatch(/<(\w+:)?outcome>accepted</)
    expect(reply.status).toBe(200)
  })

  it('shows the thread: quantities of each order line, its documents, nothing missing', async () => {
    const id = answers.get('order')?.documents[0]?.threadIds[0] ?? ''
    const view = await hub.json('GET', `/views/threads/${id}`) as ThreadView
    expect(view.documents.map(({ kind }) => kind)).toEqual(['order', 'order-response', 'despatch', 'receipt', 'invoice'])
    const values = view.lines.map((line) => Object.fromEntries(['ordered', 'confirmed', 'backordered', 'despatched', 'received', 'rejected', 'invoiced', 'credited'].map((name) => [name, line[name]?.[0]?.value])))
    expect(values).toEqual([
      { ordered: '40', confirmed: '40', despatched: '40', received: '40', rejected: '1', invoiced: '40' },
      { ordered: '100', confirmed: '80', backordered: '20', despatched: '80', received: '80', invoiced: '80' },
    ])
    expect(view.missing).toEqual([])
  })

  it('makes one golden party of the four source records and shows its orders and open amount', async () => {
    const { items } = await hub.json('GET', `/parties?q=${encodeURIComponent('上海莲花')}`) as PartyPage
    expect(items.map(({ name }) => name).sort()).toEqual(['上海莲花贸易有限公司', '上海莲花贸易有限公司外高桥仓库'])
    const id = items.find(({ name }) => name === '上海莲花贸易有限公司')?.id ?? ''
    const sources = await hub.json('GET', `/parties/${id}/sources`) as { readonly items: readonly { readonly system: string }[] }
    expect(sources.items.map(({ system }) => system).sort()).toEqual(['demo-json', 'demo-soap', 'demo-ubl', 'demo-ubl-gb18030'])
    const view = await hub.json('GET', `/views/customers/${id}`) as { readonly orders: { readonly items: readonly { readonly system: string }[] }, readonly balances: readonly unknown[] }
    expect(view.orders.items.map(({ system }) => system).sort()).toEqual(['demo-json', 'demo-soap', 'demo-ubl', 'demo-ubl-gb18030'])
    expect(view.balances).toMatchObject([{ currency: 'CNY', open: '1340.18' }])
  })

  it('answers revenue by customer and month, and drills down to the very message', async () => {
    const answer = await hub.json('POST', '/cubes/sales/query', { rows: ['customer', 'date.month'], measures: ['revenue'] }) as CubeAnswer
    expect(answer.cells).toMatchObject([{ 'customer': { name: '上海莲花贸易有限公司' }, 'date.month': '2026-03', 'currency': 'CNY', 'revenue': '1186' }])
    const facts = await hub.json('POST', '/cubes/sales/drill', { cell: answer.cells[0] }) as DrillAnswer
    expect(new Set(facts.items.map(({ messageId }) => messageId))).toEqual(new Set([answers.get('invoice')?.messageId]))
    const raw = await hub.request('GET', `/messages/${facts.items[0]?.messageId ?? ''}/raw`)
    expect(Buffer.from(await raw.arrayBuffer()).equals(await sample('ubl', 'samples', 'invoice.xml'))).toBe(true)
  })

  it('says of each field where it came from', async () => {
    const lineage = await hub.json('GET', `/messages/${answers.get('order')?.messageId ?? ''}/lineage`) as { readonly parts: readonly { readonly lineage: readonly { readonly target: string, readonly value: string, readonly line: number }[] }[] }
    expect(lineage.parts[0]?.lineage).toContainEqual(expect.objectContaining({ target: 'number', value: 'PO-2026-0815' }))
  })

  it.each(['crm', 'warehouse'])('rebuilds %s from the journal into the same digest', async (follower) => {
    const before = await hub.json('GET', `/digests/${follower}`)
    const progress = (await (await hub.request('POST', `/rebuilds/${follower}`)).text()).trim().split('\n').map((line) => JSON.parse(line) as { readonly step: string })
    expect(progress.at(-1)?.step).toBe('done')
    expect(await hub.json('GET', `/digests/${follower}`)).toEqual(before)
  })

  it('lets a revision take the place of the invoice everywhere', async () => {
    const mended = (await sample('ubl', 'samples', 'invoice.xml')).toString('utf8').replace('</cbc:IssueDate>', '</cbc:IssueDate><cbc:Note>sent again</cbc:Note>')
    const { answer } = await hub.send('demo-ubl', mended, { query: '?wait=crm,warehouse&timeoutMs=20000' })
    expect(answer.documents).toMatchObject([{ kind: 'invoice', revision: 2 }])
    const cells = await hub.json('POST', '/cubes/sales/query', { rows: ['customer'], measures: ['revenue', 'invoices'] }) as CubeAnswer
    expect(cells.cells).toMatchObject([{ revenue: '1186', invoices: 1 }])
  })
})
