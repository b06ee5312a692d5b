import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRandom, runClient, type ChaosRecord } from '../fixtures/chaos-clients.js'
import { hasKafka } from '../fixtures/kafka.js'
import { checks } from './checks.js'
import { startFleet, type Fleet } from './fleet.js'

const seed = Number(process.env['CHAOS_SEED'] ?? 1)
const kills = Number(process.env['CHAOS_KILLS'] ?? 15)
const clients = 6

const leastPauseMs = 300
const answerMs = 4_000
/** So that what they send while something is away is delivered soon after. */
const thinkMs = 150

const record: ChaosRecord = { acknowledged: [], surprises: [], counts: { sent: 0, lost: 0, unavailable: 0, duplicates: 0 } }
const ends: string[] = []
let fleet: Fleet

/** Lets the clients go on until they have had so many answers more, at most some seconds. */
const acknowledgedMore = async (count: number): Promise<void> => {
  const target = record.acknowledged.length + count
  for (const untilMs = Date.now() + 5_000; Date.now() < untilMs && record.acknowledged.length < target;) await sleep(2)
}

const fire = async (random: () => number): Promise<void> => {
  for (let kill = 1; kill <= kills; kill++) {
    await acknowledgedMore(1 + Math.floor(random() * 60))
    const target = fleet.targets[Math.floor(random() * fleet.targets.length)]
    const [isPaused, share] = [random() < 0.4, random()]
    if (target === undefined) continue
    const forMs = leastPauseMs + share * (target.mostPauseMs - leastPauseMs)
    await target.settled()
    console.log(`${kill}/${kills} ${target.name} ${isPaused ? `paused for ${Math.round(forMs)} ms` : 'killed'}, ${record.acknowledged.length} acknowledged`)
    if (isPaused) target.pause(forMs)
    else await target.kill()
  }
}

describe(`a hub of several processes under fire (npm run chaos -- --seed ${seed} --kills ${kills})`, () => {
  beforeAll(async () => {
    console.log(`seed ${seed}, ${kills} kills`)
    if (!hasKafka) console.warn('KAFKA IS NOT IN IT: no relay, no topics. For these set CHAINHUB_TEST_KAFKA_JARS to the folder that .ci/kafka-jars fills.')
    fleet = await startFleet(seed, (what) => ends.push(what))
    let stopped = false
    const random = makeRandom(seed)
    const url = (): string => {
      const up = fleet.intakes.filter((one) => one.isUp())
      return (up[Math.floor(Math.random() * up.length)] ?? fleet.intakes[0])?.hub().url ?? ''
    }
    const running = Array.from({ length: clients }, (_, index) => runClient({ url, random: makeRandom(seed + index + 1), name: `S${index + 1}`, stopped: () => stopped, answerMs, thinkMs, record }))
    await fire(random)
    for (const target of fleet.targets) await target.settled()
    await acknowledgedMore(30)
    stopped = true
    await Promise.all(running)
    await fleet.caughtUp()
    console.log(JSON.stringify({ ...record.counts, acknowledged: record.acknowledged.length }))
  })
  afterAll(() => fleet.stop())

  it('answered nothing but accepted, duplicate or 503, and a repeat as the first time', () => {
    expect(record.surprises).toEqual([])
    expect(record.acknowledged.length).toBeGreaterThan(kills)
  })

  it('lost no process that nobody killed', () => { expect(ends).toEqual([]) })

  it.each(checks)('$name', ({ run }) => run(fleet, record))
})
