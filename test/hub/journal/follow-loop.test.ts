import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { startFollowLoop, type FollowLoop, type FollowLoopDeps } from '../../../hub/journal/follow-loop.js'
import type { JournalEntry } from '../../../schemas/journal-entry.js'

/** So long that a test which had to sit it out would fail. */
const forEver = 3_600_000

const decided = (number: number): JournalEntry => ({
  type: 'identity.decided', number, recordedAt: '2026-11-02T08:00:00.000Z', follower: 'crm', cause: number, ordinal: 0, ruleVersion: 'test', decisions: [],
})

interface Followed {
  readonly loop: FollowLoop
  readonly append: (count: number) => void
  /** Numbers, a batch a row, as they were applied. */
  readonly batches: readonly (readonly number[])[]
  readonly failures: readonly number[]
  readonly passed: readonly number[]
  /** What the next calls of `apply` do instead of applying. */
  readonly interfere: (act: () => Promise<boolean>) => void
  readonly moveTo: (position: number) => void
}

const loops: FollowLoop[] = []
afterEach(async () => { for (const loop of loops.splice(0)) await loop.stop() })

/** A loop over a journal and a follower in memory. */
const follow = async (given: { readonly entries?: number, readonly gatherMs?: number, readonly settle?: FollowLoopDeps['settle'] } = {}): Promise<Followed> => {
  const journal: JournalEntry[] = []
  const batches: number[][] = []
  const failures: number[] = []
  const passed: number[] = []
  const acts: (() => Promise<boolean>)[] = []
  let position = 0
  const grow = (count: number): void => { for (let added = 0; added < count; added += 1) journal.push(decided(journal.length + 1)) }
  grow(given.entries ?? 0)
  const loop = await startFollowLoop({
    follower: {
      name: 'test',
      position: () => Promise.resolve(position),
      apply: async (after, entries) => {
        const act = acts.shift()
        if (act !== undefined) return act()
        expect(after).toBe(position)
        batches.push(entries.map(({ number }) => number))
        position = entries.at(-1)?.number ?? position
        return true
      },
    },
    entriesAfter: (after, limit) => Promise.resolve(journal.slice(after, after + limit)),
    settle: given.settle ?? (() => Promise.resolve()),
    onPassed: (number) => passed.push(number),
    onFailure: (_error, _before, retryInMs) => failures.push(retryInMs),
    gatherMs: given.gatherMs ?? forEver,
  })
  loops.push(loop)
  return {
    loop, batches, failures, passed,
    append: (count) => {
      grow(count)
      loop.poke()
    },
    interfere: (act) => acts.push(act),
    moveTo: (to) => { position = to },
  }
}

test('what comes after a quiet time is applied at once', async () => {
  const { append, batches } = await follow()
  await sleep(20)
  append(1)
  await expect.poll(() => batches).toEqual([[1]])
})

test('what comes close behind a batch is gathered into one batch', async () => {
  const { append, batches } = await follow({ gatherMs: 1_000 })
  append(1)
  await expect.poll(() => batches.length).toBe(1)
  for (let added = 0; added < 5; added += 1) {
    append(1)
    await sleep(2)
  }
  expect(batches).toEqual([[1]])
  await expect.poll(() => batches).toEqual([[1], [2, 3, 4, 5, 6]])
})

test('what came while a batch was applied for longer than entries gather does not wait as well', async () => {
  const settledAt: number[] = []
  const { append, batches } = await follow({ gatherMs: 2_000, settle: async () => {
    // The first time nothing was applied yet.
    await sleep(settledAt.length === 0 ? 0 : 2_100)
    settledAt.push(performance.now())
  } })
  append(1)
  await expect.poll(() => batches.length).toBe(1)
  append(1)
  await expect.poll(() => batches, { timeout: 10_000 }).toEqual([[1], [2]])
  expect(performance.now() - (settledAt.at(-1) ?? 0)).toBeLessThan(1_500)
})

test('a backlog is worked off in full batches without a pause', async () => {
  const { loop, batches } = await follow({ entries: 1010 })
  expect(await loop.waitUntil(750, 5_000)).toBe(true)
  await expect.poll(() => batches.map(({ length }) => length)).toEqual([500, 500, 10])
  expect(batches.flat()).toEqual(Array.from({ length: 1010 }, (_, index) => index + 1))
})

test('whoever waits for a number cuts the pause short', async () => {
  const { loop, append, batches } = await follow()
  append(1)
  await expect.poll(() => batches.length).toBe(1)
  append(2)
  await sleep(20)
  expect(loop.passed()).toBe(1)
  expect(await loop.waitUntil(3, 5_000)).toBe(true)
  expect(batches).toEqual([[1], [2, 3]])
})

test('nothing is gathered while somebody waits', async () => {
  const { loop, append, batches } = await follow()
  const waiting = loop.waitUntil(3, 5_000)
  for (let number = 1; number <= 3; number += 1) {
    append(1)
    await expect.poll(() => batches.length).toBe(number)
  }
  expect(await waiting).toBe(true)
})

test('a wait for what is passed already ends at once, one that runs out says so', async () => {
  const { loop, append, batches } = await follow()
  append(1)
  await expect.poll(() => batches.length).toBe(1)
  expect(await loop.waitUntil(1, 0)).toBe(true)
  expect(await loop.waitUntil(2, 10)).toBe(false)
})

test('a number counts as passed once what was decided on the way to it is settled', async () => {
  let settle: (() => void) | undefined
  let settled = 0
  const { loop, append, batches } = await follow({ settle: () => (settled++ === 0 ? Promise.resolve() : new Promise((resolve) => { settle = resolve })) })
  append(1)
  await expect.poll(() => batches.length).toBe(1)
  await expect.poll(() => settle).toBeDefined()
  expect(loop.passed()).toBe(0)
  settle?.()
  expect(await loop.waitUntil(1, 5_000)).toBe(true)
})

test('a batch that fails is tried again after a while, ever longer, and nothing of it is skipped', async () => {
  const { loop, append, batches, failures, interfere, passed } = await follow()
  for (let failed = 0; failed < 2; failed += 1) interfere(() => Promise.reject(new Error('The disk is full.')))
  append(3)
  expect(await loop.waitUntil(3, 5_000)).toBe(true)
  expect(failures).toEqual([100, 200])
  expect(batches).toEqual([[1, 2, 3]])
  expect(passed).toEqual([0, 3])
})

test('after a success the next failure is retried as soon as the first was', async () => {
  const { loop, append, failures, interfere } = await follow()
  interfere(() => Promise.reject(new Error('The disk is full.')))
  append(1)
  expect(await loop.waitUntil(1, 5_000)).toBe(true)
  interfere(() => Promise.reject(new Error('The disk is full again.')))
  append(1)
  expect(await loop.waitUntil(2, 5_000)).toBe(true)
  expect(failures).toEqual([100, 100])
})

test('where another owner has moved the position the loop goes on from there and applies nothing twice', async () => {
  const { loop, append, batches, interfere, moveTo } = await follow()
  interfere(() => {
    moveTo(2)
    return Promise.resolve(false)
  })
  append(3)
  expect(await loop.waitUntil(3, 5_000)).toBe(true)
  expect(batches).toEqual([[3]])
})

test('exclusive work runs between two batches, in the pause too, and what it did to the position is seen', async () => {
  const { loop, append, batches, moveTo } = await follow()
  append(1)
  await expect.poll(() => batches.length).toBe(1)
  append(3)
  const value = await loop.exclusively(() => {
    moveTo(3)
    return Promise.resolve('rebuilt')
  })
  expect(value).toBe('rebuilt')
  expect(loop.passed()).toBe(3)
  expect(await loop.waitUntil(4, 5_000)).toBe(true)
  expect(batches).toEqual([[1], [4]])
})

test('no batch begins before exclusive work has ended, and its failure stops nobody', async () => {
  const { loop, append, batches } = await follow()
  let end: (() => void) | undefined
  const work = loop.exclusively(() => new Promise<void>((_resolve, reject) => { end = () => { reject(new Error('The rebuild broke off.')) } }))
  const failed = expect(work).rejects.toThrow('broke off')
  append(1)
  await sleep(30)
  expect(batches).toEqual([])
  end?.()
  await failed
  expect(await loop.waitUntil(1, 5_000)).toBe(true)
})

test('a stop ends the pause, lets the batch under way finish and sends those who wait away', async () => {
  const { loop, append, batches } = await follow()
  append(1)
  await expect.poll(() => batches.length).toBe(1)
  await loop.stop()
  const other = await follow()
  let finish: (() => void) | undefined
  other.interfere(() => new Promise((resolve) => { finish = () => { other.moveTo(1); resolve(true) } }))
  other.append(1)
  await expect.poll(() => finish).toBeDefined()
  const waiting = other.loop.waitUntil(9, 60_000)
  const stopping = other.loop.stop()
  finish?.()
  await stopping
  expect(other.loop.passed()).toBe(1)
  expect(await waiting).toBe(false)
})
