import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { claimLanes, renewLeases, type ClaimedLane } from '../../../../hub/central/deliveries/claim-lanes.js'
import { finishBatch } from '../../../../hub/central/deliveries/finish-batch.js'
import { putDeliveries } from '../../../../hub/central/deliveries/put-deliveries.js'
import { movePosition, readPosition, takePosition } from '../../../../hub/central/deliveries/position.js'
import type { JudgedAttempt } from '../../../../hub/delivery/sender.js'
import type { Database, Tx } from '../../../../hub/ops/database.js'
import { newCentral } from '../../../fixtures/central.js'
import { startPostgres } from '../../../fixtures/postgres.js'

const postgres = await startPostgres()
const rulesOf = () => ({ failures: 5, probeMs: 1_000 })

const claimOne = async (database: Database, leaseMs: number): Promise<ClaimedLane> => {
  const [lane] = await database.transaction((tx) => claimLanes(tx, [{ endpoint: 'partner', slots: 1 }], leaseMs))
  if (lane === undefined) throw new Error('Nothing is due.')
  return lane
}

const failedAttempt = ({ id, lease }: ClaimedLane, deliveryId: string): JudgedAttempt => ({
  lane: id, lease, deliveryId, sequence: 1, endpoint: 'partner', verdict: { type: 'park' }, tookMs: 5, status: 400, releases: true, endpointBad: false, holdMs: undefined, received: true,
  failure: { code: 'partner-refused', at: 'partner', detail: 'no' }, answer: undefined,
})

it('what a sender reports who was paused past its lease is not written: another has the queue by now', async () => {
  const { database } = await newCentral(postgres)
  const id = randomUUID()
  await database.transaction((tx) => putDeliveries(tx, [{
    id, endpoint: 'partner', key: 'order:1', source: 'orders', cause: 1, messageId: undefined, documentId: undefined, ownDocument: { kind: 'order' }, kind: 'order', number: '1', issuerKey: undefined, test: false,
    expectReceivedMs: undefined, expectUnderstoodMs: undefined, expectAnsweredMs: undefined,
  }]))
  const paused = await claimOne(database, 1)
  await sleep(20)
  const other = await claimOne(database, 60_000)
  expect(await finishBatch(database, [failedAttempt(paused, id)], rulesOf)).toEqual([false])
  expect(await renewLeases(database, [paused], 60_000)).toEqual(new Set())
  expect(await database.query('select state, tries from delivery')).toEqual([{ state: 'waiting', tries: 0 }])
  expect(await finishBatch(database, [{ ...failedAttempt(other, id), verdict: { type: 'sent' }, status: 200, failure: undefined }], rulesOf)).toEqual([true])
  expect(await finishBatch(database, [failedAttempt(other, id)], rulesOf)).toEqual([false])
  expect(await database.query('select state, tries from delivery')).toEqual([{ state: 'sent', tries: 1 }])
})

it('claims are kept while a long transaction puts deliveries into one of their queues, as long as they last', async () => {
  const { database } = await newCentral(postgres)
  let cause = 0
  const put = (tx: Tx, key: string) => putDeliveries(tx, [{
    id: randomUUID(), endpoint: 'partner', key, source: 'orders', cause: ++cause, messageId: undefined, documentId: undefined, ownDocument: { kind: 'order' }, kind: 'order', number: '1', issuerKey: undefined, test: false,
    expectReceivedMs: undefined, expectUnderstoodMs: undefined, expectAnsweredMs: undefined,
  }])
  await database.transaction(async (tx) => { await put(tx, 'order:1'); await put(tx, 'order:2') })
  const claims = await database.transaction((tx) => claimLanes(tx, [{ endpoint: 'partner', slots: 2 }], 2_000))
  expect(claims).toHaveLength(2)
  const ids = claims.map(({ id }) => id)
  await database.transaction(async (tx) => {
    await put(tx, 'order:1')
    // Answered while the transaction is open.
    expect(await renewLeases(database, claims, 60_000)).toEqual(new Set(ids))
  })
  const [locked, free] = await Promise.all(['order:1', 'order:2'].map((key) => database.query<{ long: boolean }>('select leased_until > clock_timestamp() + interval \'30 s\' as long from delivery_lane where key = $1', [key])))
  expect([locked?.[0]?.long, free?.[0]?.long]).toEqual([false, true])
  await sleep(2_100)
  await database.transaction(async (tx) => {
    await put(tx, 'order:1')
    expect(await renewLeases(database, claims, 60_000)).toEqual(new Set(ids.filter((id) => id === claims.find(({ key }) => key === 'order:2')?.id)))
  })
})

it('the follower of deliveries that was taken over moves nothing', async () => {
  const { database } = await newCentral(postgres)
  const paused = await takePosition(database)
  const other = await takePosition(database)
  expect(await database.transaction((tx) => movePosition(tx, 0, 5, paused))).toBe(false)
  expect(await database.transaction((tx) => movePosition(tx, 0, 5, other))).toBe(true)
  expect(await database.transaction((tx) => movePosition(tx, 0, 7, other))).toBe(false)
  expect(await readPosition(database)).toBe(5)
})
