import { expect, test } from 'vitest'
import { shareEntries } from '../../../hub/journal/shared-entries.js'
import type { JournalEntry } from '../../../schemas/journal-entry.js'

const decided = (number: number): JournalEntry => ({
  type: 'identity.decided', number, recordedAt: '2026-11-02T08:00:00.000Z', follower: 'crm', cause: number, ordinal: 0, ruleVersion: 'test', decisions: [],
})

/** A journal that can grow, read through a share that keeps account of what was fetched. */
const journalOf = (count: number) => {
  const journal = Array.from({ length: count }, (_, index) => decided(index + 1))
  const fetched: (readonly number[])[] = []
  let failure: Error | undefined
  const { entriesAfter, forget } = shareEntries((after, limit) => {
    if (failure !== undefined) return Promise.reject(failure)
    const entries = journal.slice(after, after + limit)
    fetched.push(entries.map(({ number }) => number))
    return Promise.resolve(entries)
  })
  return {
    fetched, forget,
    read: async (after: number, limit: number) => (await entriesAfter(after, limit)).map(({ number }) => number),
    grow: (by: number) => { for (let added = 0; added < by; added += 1) journal.push(decided(journal.length + 1)) },
    failWith: (error: Error | undefined) => { failure = error },
  }
}

test('two readers of the same place fetch each entry once', async () => {
  const { read, fetched } = journalOf(5)
  const [first, second] = await Promise.all([read(0, 5), read(0, 5)])
  expect(first).toEqual([1, 2, 3, 4, 5])
  expect(second).toEqual(first)
  expect(fetched).toEqual([[1, 2, 3, 4, 5]])
})

test('who comes later gets what is held, and then, without a gap, what has come since', async () => {
  const { read, fetched, grow } = journalOf(3)
  expect(await read(0, 10)).toEqual([1, 2, 3])
  grow(2)
  expect(await read(1, 10)).toEqual([2, 3])
  expect(fetched).toHaveLength(1)
  expect(await read(3, 10)).toEqual([4, 5])
  expect(await read(3, 1)).toEqual([4])
  expect(fetched).toEqual([[1, 2, 3], [4, 5]])
})

test('where there is more than was read, who comes later gets as much as he asks for', async () => {
  const { read, fetched } = journalOf(20)
  expect(await read(0, 5)).toEqual([1, 2, 3, 4, 5])
  expect(await read(3, 5)).toEqual([4, 5, 6, 7, 8])
  expect(fetched).toEqual([[1, 2, 3, 4, 5], [6, 7, 8]])
})

test('a reader who is far behind, or far ahead, reads right all the same', async () => {
  const { read, fetched, forget } = journalOf(2_500)
  expect(await read(2_000, 250)).toEqual(Array.from({ length: 250 }, (_, index) => 2_001 + index))
  expect(await read(0, 3)).toEqual([1, 2, 3])
  expect(await read(2_249, 1)).toEqual([2_250])
  expect(fetched).toHaveLength(2)
  expect(await read(2_400, 2)).toEqual([2_401, 2_402])
  forget(2_402)
  expect(await read(2_400, 2)).toEqual([2_401, 2_402])
  expect(await read(2_500, 10)).toEqual([])
  expect(fetched.filter(({ length }) => length === 2)).toHaveLength(2)
})

test('what everybody has passed is not held any longer', async () => {
  const { read, fetched, forget } = journalOf(4)
  await read(0, 4)
  forget(3)
  expect(await read(3, 1)).toEqual([4])
  expect(fetched).toHaveLength(1)
  expect(await read(0, 4)).toEqual([1, 2, 3, 4])
  expect(fetched).toHaveLength(2)
})

test('readers that wander as they like see the journal and nothing else', async () => {
  const { read, forget, grow } = journalOf(1)
  let length = 1
  const positions = [0, 0, 0]
  let state = 20_261_121
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below
  for (let step = 0; step < 5_000; step += 1) {
    const by = random(4)
    grow(by)
    length += by
    const reader = random(3)
    const [after, limit] = [positions[reader] ?? 0, 1 + random(300)]
    const numbers = await read(after, limit)
    const there = Math.min(limit, length - after)
    if (there > 0) expect(numbers.length).toBeGreaterThan(0)
    expect(numbers.length).toBeLessThanOrEqual(there)
    expect(numbers).toEqual(Array.from(numbers, (_, index) => after + 1 + index))
    positions[reader] = random(20) === 0 ? random(length) : after + numbers.length
    if (random(3) === 0) forget(Math.min(...positions))
  }
})

test('a read that fails fails for its reader alone', async () => {
  const { read, failWith } = journalOf(2)
  failWith(new Error('The connection broke.'))
  await expect(read(0, 5)).rejects.toThrow('broke')
  failWith(undefined)
  expect(await read(0, 5)).toEqual([1, 2])
})
