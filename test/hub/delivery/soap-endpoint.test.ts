import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../../schemas/project-folder.js'
import { hasPhpSoap, startPhpServer, type PhpServer } from '../../connectors/soap-client/php-server.js'
import { company, documentOf, lineOf } from '../../fixtures/documents.js'
import { startTestDeliveries, until } from '../../fixtures/deliveries.js'
import { noPostgres, startPostgres } from '../../fixtures/postgres.js'

const php = hasPhpSoap()
if (!php) console.warn('SKIPPED: php has no soap extension (apt-get install php-cli php-soap)')

describe.skipIf(!php)('an endpoint behind PHP\'s SoapServer', async () => {
  const postgres = php ? await startPostgres() : noPostgres
  let server: PhpServer
  beforeAll(async () => { server = await startPhpServer(projectFolder('test', 'hub', 'delivery', 's4-server.php')) })
  afterAll(() => server.close())

  it('is sent documents in its own language: after a fault of its own again, with the same control number; what it lays to the document is parked', async () => {
    const fixture = await startTestDeliveries(postgres, { endpoints: [{ id: 's4', connector: 'soap-client', format: 's4-soap', operation: 'OrderRequest_In', settings: { wsdl: server.wsdl, allowedHosts: ['127.0.0.1'] }, retry: { firstMs: 10, maxMs: 50 }, concurrency: 1 }] })
    await fixture.subscribe('s', { endpoint: 's4' })
    const order = (number: string) => documentOf('order', number, { buyer: company('Bo', 'gln:9520000001018'), seller: company('Selma', 'gln:9520000002053') }, [lineOf('1', 'A', '1')])
    await fixture.accept([order('PO-1'), order('PO-1'), order('refuse')])
    const deliveries = await until(fixture.deliveries, (seen) => seen.length === 2 && seen.every(({ state }) => state === 'sent' || state === 'parked'))
    expect(deliveries.map(({ number, state, failure }) => [number, state, failure?.code]).toSorted()).toEqual([['PO-1', 'sent', undefined], ['refuse', 'parked', 'soap-fault-sender']])
    const sent = deliveries.find(({ state }) => state === 'sent')
    const requests = (await server.lines()).filter(({ body }) => body?.includes('PO-1'))
    expect(new Set(requests.map(({ id, sequence, body }) => [id, sequence, /<ID>(\w+)<\/ID>/.exec(body ?? '')?.[1]].join(' ')))).toEqual(new Set([`${sent?.id ?? ''} 1 ${sent?.controlNumber ?? ''}`]))
    expect((await fixture.delivery(sent?.id ?? ''))?.history.at(-1)?.answer).toContain(sent?.controlNumber)
  }, 300_000)
})
