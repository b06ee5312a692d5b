import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHub, type RunningHub } from '../fixtures/hub.js'
import { hasKafka, startKafka, type RunningKafka } from '../fixtures/kafka.js'
import { noPostgres, startPostgres } from '../fixtures/postgres.js'
import { readTopic } from '../fixtures/read-topic.js'
import { ublOrder } from '../fixtures/ubl-documents.js'

interface Readiness {
  readonly journalSeq: number
  readonly process: { readonly id: string }
  readonly relay?: { readonly journalSeq: number, readonly behind: number, readonly owner: string | null, readonly failing?: { readonly reason: string } }
}

describe.runIf(hasKafka)('relays in processes of their own, by a login over TLS', async () => {
  const postgres = hasKafka ? await startPostgres() : noPostgres
  let folder: string
  let kafka: RunningKafka
  let intake: RunningHub
  let relays: readonly [RunningHub, RunningHub]
  let environment: Readonly<Record<string, string>>
  let sent = 0

  const start = (name: string, roles: string, more: Readonly<Record<string, string>> = {}): Promise<RunningHub> =>
    startHub({ dataFolder: join(folder, name), args: ['--roles', roles], environment: { ...environment, ...more, CHAINHUB_LOG_LEVEL: 'silent' } })
  const ready = async (hub: RunningHub): Promise<Readiness> => await hub.json('GET', '/health/ready') as Readiness
  const idOf = async (hub: RunningHub): Promise<string> => (await ready(hub)).process.id
  const sendSome = async (count: number): Promise<void> => {
    for (let one = 0; one < count; one++) expect((await intake.send('demo-ubl', ublOrder({ number: `RELAY-${++sent}` }))).answer.outcome).toBe('accepted')
  }
  const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)
  const journal = () => readTopic(kafka.brokers, 'chainhub.journal')
  /** Resolves when the topic has all that was sent, whatever is there more than once. */
  const broughtAll = (): Promise<void> => expect.poll(async () => (await journal()).taken.map(({ number }) => number), { timeout: 180_000, interval: 500 }).toEqual(upTo(sent))

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chainhub-relays-'))
    kafka = await startKafka({ secure: true })
    const { secure } = kafka
    if (secure === undefined) throw new Error('It was to be secure.')
    environment = {
      CHAINHUB_CENTRAL_URL: await postgres.newDatabase(), CHAINHUB_CRM_URL: await postgres.newDatabase(), CHAINHUB_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      CHAINHUB_KAFKA_BROKERS: secure.brokers, CHAINHUB_KAFKA_SASL_USERNAME: secure.username, CHAINHUB_KAFKA_SASL_PASSWORD: secure.password, CHAINHUB_KAFKA_TLS_CA: secure.caFile,
    }
    intake = await start('intake', 'intake')
    relays = [await start('relay-1', 'relay'), await start('relay-2', 'relay', { CHAINHUB_KAFKA_SASL_MECHANISM: 'scram-sha-512', CHAINHUB_KAFKA_SASL_PASSWORD: secure.scramPassword })]
  }, 300_000)
  afterAll(async () => {
    for (const hub of [intake, ...relays]) await hub.end('SIGKILL')
    await kafka.remove()
    await rm(folder, { recursive: true, force: true })
  })

  it('bring the journal there once: one of them works, the other stands by and says who does', async () => {
    await sendSome(30)
    await broughtAll()
    const owner = await idOf(relays[0])
    expect((await journal()).numbers).toEqual(upTo(30))
    await expect.poll(async () => [(await ready(relays[0])).relay, (await ready(relays[1])).relay], { timeout: 60_000 }).toMatchObject([{ owner, journalSeq: 30, behind: 0 }, { owner, journalSeq: 30, behind: 0 }])
  }, 300_000)

  it('take over from one that is paused or killed; who comes back leaves no gap and no disorder', async () => {
    const [first, second] = relays
    process.kill(first.pid, 'SIGSTOP')
    await sendSome(20)
    await broughtAll()
    expect((await ready(second)).relay?.owner).toBe(await idOf(second))
    process.kill(first.pid, 'SIGCONT')
    await sendSome(20)
    await sleep(2_000)
    expect((await ready(first)).relay?.owner).toBe(await idOf(second))
    await second.end('SIGKILL')
    await sendSome(20)
    await broughtAll()
    expect((await ready(first)).relay?.owner).toBe(await idOf(first))
  }, 300_000)

  it.each([
    ['a wrong password', { CHAINHUB_KAFKA_SASL_PASSWORD: 'wrong' }, /authentication failed/i],
    ['a certificate that nobody vouches for', { CHAINHUB_KAFKA_TLS_CA: '', CHAINHUB_KAFKA_TLS: 'true' }, /certificate|self.signed/i],
  ])('say why they stand still: %s', async (_what, wrong, said) => {
    await relays[0].end('SIGKILL')
    const relay = await start('relay-3', 'relay', wrong)
    await sendSome(1)
    await expect.poll(async () => (await ready(relay)).relay?.failing?.reason, { timeout: 180_000, interval: 250 }).toMatch(said)
    await relay.end('SIGKILL')
  }, 300_000)

  it('log in by SCRAM-SHA-256 as they did by the others', async () => {
    const relay = await start('relay-4', 'relay', { CHAINHUB_KAFKA_SASL_MECHANISM: 'scram-sha-256', CHAINHUB_KAFKA_SASL_PASSWORD: kafka.secure?.scramPassword ?? '' })
    await sendSome(1)
    await broughtAll()
    expect((await ready(relay)).relay?.owner).toBe(await idOf(relay))
    await relay.end('SIGKILL')
  }, 300_000)
})
