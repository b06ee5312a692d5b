import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { QueryResultRow } from 'pg'
import { databaseRows } from '../fixtures/database-rows.js'
import type { RunningHub } from '../fixtures/hub.js'
import { startHubTarget, type HubTarget } from './hub-target.js'
import { startKafkaTarget, type KafkaTarget } from './kafka-target.js'
import { startPostgresTarget, type PostgresTarget } from './postgres-target.js'
import { untilTrue, type Target } from './processes.js'
import { startReceiverTarget, type ReceiverTarget } from './receiver-target.js'

/** One hub of several processes on one PostgreSQL, with a partner whom it delivers to and, where there is one, a Kafka. */
export interface Fleet {
  readonly postgres: PostgresTarget
  readonly receiver: ReceiverTarget
  readonly kafka: KafkaTarget | undefined
  readonly intakes: readonly HubTarget[]
  readonly followers: readonly HubTarget[]
  readonly web: HubTarget
  /** Everything that may be killed or paused. */
  readonly targets: readonly Target[]
  /** Starts one more process, with a data folder of its own. */
  readonly join: (name: string, roles: string) => Promise<HubTarget>
  /** Resolves when every process is there, the followers have come to the end of the journal, and everything is delivered. */
  readonly caughtUp: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Past leases: that of a delivery lasts 15 s, the others 4. */
const mostPauseMs = { deliveries: 20_000, others: 9_000 } as const

interface Standing { readonly behind: number, readonly owner: string | null }

/** What the partner wants, each at a path of his own: `changes` are the revisions of an order's quantity. */
export const wishes = {
  documents: { kinds: ['order', 'despatch', 'invoice'], from: 1 },
  changes: { kinds: ['order'], changed: ['lines[].quantity.value'], from: 1 },
} as const

const configurationOf = (receiver: ReceiverTarget): string => `
endpoints:${Object.keys(wishes).map((id) => `
  - id: ${id}
    connector: http
    settings: { url: "${receiver.url}/${id}", allowedHosts: [127.0.0.1], timeoutMs: 2000 }
    format: canonical
    concurrency: 8
    retry: { firstMs: 50, maxMs: 1000, attempts: 10000 }
    breaker: { failures: 10, probeMs: 500 }`).join('')}
kafka: { partitions: 1 }
`

/** Starts it all. `tell` hears of processes that ended though nobody killed them. */
export const startFleet = async (seed: number, tell: (what: string) => void): Promise<Fleet> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-chaos-'))
  const [postgres, receiver, kafka] = await Promise.all([startPostgresTarget(join(folder, 'postgres'), ['central', 'crm']), startReceiverTarget(join(folder, 'arrivals.ndjson'), seed), startKafkaTarget()])
  const configuration = join(folder, 'chainhub.yaml')
  await writeFile(configuration, configurationOf(receiver))
  const environment = {
    CHAINHUB_CENTRAL_URL: postgres.urlOf('central'), CHAINHUB_CRM_URL: postgres.urlOf('crm'), CHAINHUB_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'), CHAINHUB_LOG_LEVEL: 'silent',
    ...(kafka === undefined ? {} : { CHAINHUB_KAFKA_BROKERS: kafka.brokers }),
  }
  const all: HubTarget[] = []
  const joinFleet = async (name: string, roles: string, more: Readonly<Record<string, string>> = {}): Promise<HubTarget> => {
    const target = await startHubTarget(name, { mostPauseMs: mostPauseMs[roles.includes('deliveries') ? 'deliveries' : 'others'], dataFolder: join(folder, name), args: ['--roles', roles, '--config', configuration], environment: { ...environment, ...more } }, tell)
    all.push(target)
    return target
  }
  const fromKafka = kafka === undefined ? {} : { CHAINHUB_FOLLOW_FROM: 'kafka' }
  const web = await joinFleet('web', 'web,relay')
  const [intakes, followers, relay] = await Promise.all([
    Promise.all([joinFleet('intake-1', 'intake'), joinFleet('intake-2', 'intake')]),
    Promise.all([joinFleet('followers-1', 'followers,deliveries'), joinFleet('followers-2', 'followers,deliveries', fromKafka)]),
    Promise.all(kafka === undefined ? [] : [joinFleet('relay', 'relay')]),
  ])
  const targets: readonly Target[] = [...intakes, ...followers, web, ...relay, postgres, receiver, ...(kafka === undefined ? [] : [kafka])]
  for (const [id, wish] of Object.entries(wishes)) {
    const put = await web.hub().request('PUT', `/subscriptions/${id}`, { body: JSON.stringify({ endpoint: id, ...wish }), headers: { 'content-type': 'application/json' } })
    if (put.status !== 200) throw new Error(await put.text())
  }
  return {
    postgres, receiver, kafka, intakes, followers, web, targets, join: joinFleet,
    caughtUp: async () => {
      for (const target of targets) await target.settled()
      await untilTrue('the followers have come to the end of the journal', () => isCaughtUp(web.hub()), 300_000)
      await untilTrue('everything is delivered', async () => (await centralRows<{ left: boolean }>(postgres, waiting))[0]?.left === false, 300_000)
    },
    stop: async () => {
      for (const target of all) await target.stop('SIGKILL')
      await Promise.all([postgres.stop(), receiver.stop(), kafka?.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const waiting = `
  select exists (select from delivery where state <> 'sent') or (select position from follower_position where follower = 'deliveries') < (select number from journal_head)
    or exists (select from subscription where reached is not null) as left`

const isCaughtUp = async (hub: RunningHub): Promise<boolean> => {
  try {
    const { followers } = await hub.json('GET', '/health/ready') as { readonly followers?: Readonly<Record<string, Standing>> }
    return followers !== undefined && Object.values(followers).every(({ behind, owner }) => behind === 0 && owner !== null)
  } catch {
    return false
  }
}

/** Reads the central database past the hub. */
export const centralRows = <Row extends QueryResultRow>(postgres: PostgresTarget, sql: string): Promise<readonly Row[]> => databaseRows(postgres.urlOf('central'), 'central', sql)
