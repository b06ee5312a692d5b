import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../../schemas/project-folder.js'
import { startHub, type RunningHub } from '../../fixtures/hub.js'

interface Ran {
  readonly code: number | null
  readonly out: string
}

let folder: string
let hub: RunningHub

const chainhub = (...words: readonly string[]): Promise<Ran> => new Promise((resolve) => {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHAINHUB_')))
  const child = spawn(process.execPath, [projectFolder('hub', 'chainhub.mjs'), ...words], { cwd: folder, env: own, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString('utf8') })
  child.stderr.on('data', (chunk: Buffer) => { out += chunk.toString('utf8') })
  child.once('close', (code) => { resolve({ code, out }) })
})

const xmlSample = `<PurchaseOrder xmlns="urn:partner:orders">
  <OrderNumber>4500012345</OrderNumber><OrderDate>2026-03-31</OrderDate><Currency>EUR</Currency>
  <Buyer><Name>Nordlicht GmbH</Name><CustomerNumber>0010300099</CustomerNumber></Buyer>
  <Supplier><Name>Havn A/S</Name><SupplierNumber>200077</SupplierNumber></Supplier>
  <Lines>
    <Line><LineNumber>1</LineNumber><SKU>00471</SKU><Quantity>10</Quantity><Unit>C62</Unit><UnitPrice>12.50</UnitPrice></Line>
    <Line><LineNumber>2</LineNumber><SKU>00472</SKU><Quantity>5</Quantity><Unit>C62</Unit><UnitPrice>25.00</UnitPrice></Line>
  </Lines>
</PurchaseOrder>
`
const jsonSample = JSON.stringify({ '订单号': '0815', '下单日期': '2026-03-31', '币种': 'CNY', '客户': { '客户编号': '007', '名称': '上海莲花' }, '明细': [{ '行号': '10', '物料号': 'A-1', '数量': '3', '颜色': '红' }] })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainhub-new-'))
  await writeFile(join(folder, 'order.xml'), xmlSample)
  await writeFile(join(folder, 'dingdan.json'), jsonSample)
  expect(await chainhub('new', 'mapping', 'partner-orders', '--from', 'order.xml')).toMatchObject({ code: 0, out: expect.stringContaining('0 that need you') as string })
  expect(await chainhub('new', 'mapping', 'dingdan', '--from', 'dingdan.json')).toMatchObject({ code: 0, out: expect.stringContaining('unmapped: lines: 颜色 (红)') as string })
  await writeFile(join(folder, 'chainhub.yaml'), 'mappings: my-mappings\nchannels:\n  - { id: partner, formats: [partner-orders] }\n  - { id: strict, formats: [partner-orders], strict: yes }\n  - { id: refusing, formats: [partner-orders], validation: refuse }\n  - { id: chinese, formats: [dingdan] }\n')
}, 300_000)
afterAll(async () => {
  await hub.end('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

describe('a mapping drafted from a partner\'s sample', () => {
  it('is one that lint finds no error in', async () => {
    expect(await chainhub('lint', 'partner-orders', '--mappings', 'my-mappings')).toMatchObject({ code: 0, out: expect.stringContaining('0 errors, 0 warnings') as string })
    expect(await chainhub('lint', 'dingdan', '--mappings', 'my-mappings')).toMatchObject({ code: 0, out: expect.stringContaining('Nothing reads 明细/颜色') as string })
  })
  it('is edited by hand where a name was not known, and lint refuses what is wrong', async () => {
    const map = join(folder, 'my-mappings', 'dingdan', 'order.yaml')
    const drafted = await readFile(map, 'utf8')
    await writeFile(map, drafted.replace(/ {2}# unmapped.*\n/, '').replace('number! <=> 订单号', 'accountingCost <=> 订单号'))
    expect(await chainhub('lint', 'dingdan', '--mappings', 'my-mappings')).toMatchObject({ code: 1, out: expect.stringContaining('No rule fills number') as string })
    await writeFile(map, drafted.replace(/ {2}# unmapped.*\n/, ''))
    await appendFile(map, '      - item.names[0].value <=> 颜色\n')
    expect(await chainhub('lint', 'dingdan', '--mappings', 'my-mappings')).toMatchObject({ code: 1, out: expect.stringContaining('does not read as') as string })
    const mapped = await chainhub('map', 'dingdan.json', '--format', 'dingdan', '--no-lineage', '--mappings', 'my-mappings')
    const { documents: [document] } = JSON.parse(mapped.out) as { documents: readonly unknown[] }
    await writeFile(join(folder, 'my-mappings', 'dingdan', 'samples', 'order.canonical.json'), JSON.stringify(document))
    expect(await chainhub('lint', 'dingdan', '--mappings', 'my-mappings')).toMatchObject({ code: 0, out: expect.stringContaining('0 errors, 0 warnings') as string })
  })
  it('takes the sample in through a channel of a started hub', async () => {
    hub = await startHub({ dataFolder: join(folder, 'data'), args: ['--config', join(folder, 'chainhub.yaml')] })
    expect(await hub.send('partner', xmlSample)).toMatchObject({ status: 200, answer: { outcome: 'accepted', documents: [{ kind: 'order', number: '4500012345' }], errors: [] } })
    expect(await hub.send('chinese', jsonSample)).toMatchObject({ status: 200, answer: { outcome: 'accepted', documents: [{ kind: 'order', number: '0815' }] } })
  }, 300_000)
  it('says what breaks its description, and refuses or warns as the channel says', async () => {
    const foreign = xmlSample.replace('<Currency>', '<Colour>red</Colour><Currency>').replace('4500012345', '4500012346')
    const wrong = xmlSample.replace('<UnitPrice>25.00', '<UnitPrice>25,00').replace('4500012345', '4500012347').replace('<OrderNumber>', '<OrderNumber/><OrderNumber>')
    expect(await hub.send('partner', foreign)).toMatchObject({ status: 200, answer: { outcome: 'accepted', errors: [{ code: 'node-unknown', rule: 'node-unknown', severity: 'warning', at: '2:73 p:Colour' }] } })
    expect(await hub.send('strict', foreign)).toMatchObject({ status: 422, answer: { outcome: 'rejected', errors: [{ code: 'node-unknown', at: '2:73 p:Colour', fix: { zh: expect.stringContaining('请') as string } }] } })
    expect(await hub.send('refusing', wrong)).toMatchObject({ status: 422, answer: { errors: expect.arrayContaining([expect.objectContaining({ code: 'node-repeated', rule: 'occurrence' })]) as unknown } })
    const repeated = xmlSample.replace('<OrderDate>', '<OrderNumber>1</OrderNumber><OrderDate>')
    expect(await hub.send('partner', repeated)).toMatchObject({ status: 200, answer: { outcome: 'accepted', errors: [{ code: 'node-repeated', severity: 'warning' }] } })
  })
  it('is refused under a name that there is already', async () => {
    expect((await chainhub('new', 'mapping', 'partner-orders', '--from', 'order.xml')).code).toBe(2)
    expect(await chainhub('new', 'mapping', 'other', '--from', 'nothing.xml')).toMatchObject({ code: 1 })
  })
})
