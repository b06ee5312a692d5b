import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { findConnectors } from '../connectors/registry.js'
import { makeGroupCommit } from '../hub/central/group-commit.js'
import { putSubscription } from '../hub/central/deliveries/subscriptions.js'
import { entriesAfter } from '../hub/central/journal.js'
import { openEndpoints } from '../hub/compose/open-endpoints.js'
import { startDeliveries } from '../hub/compose/start-deliveries.js'
import { openDatabase, type Database } from '../hub/ops/database.js'
import { startEmbeddedPostgres } from '../hub/ops/embedded-postgres.js'
import { makeMetrics } from '../hub/ops/metrics.js'
import { migrate } from '../hub/ops/migrate.js'
import { loadBuiltTranslator } from '../mappings/engine/load-built-translator.js'
import type { Translator } from '../mappings/engine/translator.js'
import type { CanonicalDocument } from '../schemas/canonical/canonical-document.js'
import type { DocumentId, MessageId, ThreadId } from '../schemas/ids.js'
import { projectFolder } from '../schemas/project-folder.js'
import { readXml } from '../schemas/xml-reader.js'
import { writeXml } from '../schemas/xml-writer.js'
import { familyMs } from './processor-time.js'
import { printRows, type BenchRow } from './table.js'
import { withServer } from './with-server.js'

const keys = 400
const revisions = 10
const connections = 16

interface Measured {
  readonly perSecond: number
  /** Of this process and its PostgreSQL, a delivery. */
  readonly processorMs: number
}

/**
 * Deliveries a second: queued, mapped to UBL, kept, sent over HTTP and recorded, each durably and in the order of its key; beside a loop of bare fetch calls that sends the same
 * bytes to the same partner over as many connections and keeps nothing.
 */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-deliveries-'))
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), databases: ['central'], log: () => undefined, onLost: () => undefined })
  if (!postgres.ok) throw new Error(postgres.detail)
  const central = openDatabase({ url: postgres.value.urlOf('central'), schema: 'central', connections: 12, pipeline: true, prepare: true, onIdleError: () => undefined })
  try {
    await migrate(central, 'central', projectFolder('hub', 'central', 'migrations'))
    const translator = await loadBuiltTranslator(undefined)
    if (!translator.ok) throw new Error(translator.detail)
    const document = await sampleOrder(translator.value)
    await fillJournal(central, document)
    await withServer([projectFolder('dist', 'bench', 'receiving-server.js')], {}, async ({ port }) => {
      const url = `http://127.0.0.1:${port}/inbox`
      const bare = await measure(() => fetchAll(url, bytesOf(translator.value, document)))
      const ours = await measure(() => deliverAll(central, translator.value, url))
      printRows(rowsOf(ours, bare), options)
    })
  } finally {
    await central.close()
    await postgres.value.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const rowsOf = (ours: Measured, bare: Measured): readonly BenchRow[] => [
  { bench: 'deliveries', case: `deliveries, ${connections} connections, ${keys} keys`, value: ours.perSecond, unit: '1/s', rival: `bare fetch: ${bare.perSecond.toFixed(0)}`, ratio: ours.perSecond / bare.perSecond },
  { bench: 'deliveries', case: 'processor time of the hub and its PostgreSQL, a delivery', value: ours.processorMs, unit: 'ms', rival: `bare fetch: ${bare.processorMs.toFixed(2)}`, ratio: ours.processorMs / bare.processorMs },
]

const measure = async (work: () => Promise<unknown>): Promise<Measured> => {
  const [before, startedMs] = [await familyMs(process.pid), performance.now()]
  await work()
  const [after, tookMs] = [await familyMs(process.pid), performance.now() - startedMs]
  const many = keys * revisions
  return { perSecond: many / tookMs * 1000, processorMs: (after.own + after.others - before.own - before.others) / many }
}

const sampleOrder = async (translator: Translator): Promise<CanonicalDocument> => {
  const root = readXml(await readFile(projectFolder('mappings', 'ubl', 'samples', 'order.xml'), 'utf8'))
  const [document] = root.ok ? translator.read('ubl/order', root.value).documents : []
  if (document === undefined) throw new Error('The sample gives no document.')
  return document
}

const bytesOf = (translator: Translator, document: CanonicalDocument): string => {
  const root = translator.write('ubl/order', document)
  const text = root.ok ? writeXml(root.value, { prefixes: translator.prefixesOf('ubl/order') }) : root
  if (!text.ok) throw new Error(text.detail)
  return text.value
}

const fillJournal = async (central: Database, sample: CanonicalDocument): Promise<void> => {
  const { commit } = makeGroupCommit({ database: central, onAppended: () => undefined, log: pino({ level: 'silent' }) })
  for (let revision = 1; revision <= revisions; revision++) {
    await Promise.all(Array.from({ length: keys }, async (_, key) => {
      const body = JSON.stringify({ ...sample, number: `PO-${key}`, version: String(revision) })
      const hash = createHash('sha256').update(body).digest('hex')
      const document = {
        id: randomUUID() as DocumentId, kind: 'order', number: `PO-${key}`, sender: 'erp', issuerKey: undefined, function: 'original', test: false, references: [],
        threadIds: [randomUUID() as ThreadId], contentSha256: hash, body,
      } as const
      const part = { ordinal: 1, sender: undefined, receiver: undefined, controlNumber: undefined, test: false, ackWanted: false, format: 'ubl/order', mappingVersion: '1', documents: [document], issues: [] }
      await commit({
        messageId: randomUUID() as MessageId, attempt: randomUUID(), replay: false, channel: 'erp', system: 'erp', sender: 'erp', caller: undefined, idempotencyKey: undefined,
        receivedAt: new Date().toISOString(), contentType: undefined, contentEncoding: undefined, raw: Buffer.from(body), rawSha256: hash, parts: [part],
      })
    }))
  }
}

const fetchAll = async (url: string, body: string): Promise<void> => {
  let left = keys * revisions
  await Promise.all(Array.from({ length: connections }, async () => {
    while (left-- > 0) {
      const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/xml', 'idempotency-key': randomUUID() } })
      await answer.arrayBuffer()
    }
  }))
}

const deliverAll = async (central: Database, translator: Translator, url: string): Promise<void> => {
  const setting = { id: 'partner', connector: 'http', format: 'ubl', settings: { url, allowedHosts: ['127.0.0.1'] }, concurrency: connections, placeOf: () => 'partner' }
  const opened = await openEndpoints({ endpoints: [setting], alerts: undefined, channels: [], dataFolder: '/' }, await findConnectors(), translator)
  if (!opened.ok) throw new Error(opened.detail)
  const running = await startDeliveries({
    ...opened.value, channels: new Map(), owner: randomUUID(), central, translator, metrics: makeMetrics(), log: pino({ level: 'warn' }),
    entriesAfter: (after, limit) => entriesAfter(central, after, limit), keysOfParties: () => Promise.resolve(new Map()), waiting: () => Promise.resolve([]),
  })
  await putSubscription(central, { id: 'all', wish: { endpoint: 'partner', from: 1 }, by: 'bench' })
  running.changed()
  while (await sent(central) < keys * revisions) await new Promise((resolve) => { setTimeout(resolve, 100) })
  await running.stop()
  await opened.value.close()
}

const sent = async (central: Database): Promise<number> => (await central.query<{ sent: number }>("select count(*) as sent from delivery where state = 'sent'"))[0]?.sent ?? 0
