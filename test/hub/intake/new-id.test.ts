import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeNewId } from '../../../hub/intake/new-id.js'

const version7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('ids are version 7 UUIDs that begin with the millisecond', () => {
  const newId = makeNewId({ nowMs: () => 0x0196_0123_4567, randomUuid: randomUUID })
  expect(newId()).toMatch(version7)
  expect(newId().slice(0, 13)).toBe('01960123-4567')
})

test('each id is greater than the one before, in one millisecond and when the clock goes back', () => {
  const clock = [1_790_000_000_000, 1_790_000_000_001, 1_789_999_000_000]
  let asked = 0
  const newId = makeNewId({ nowMs: () => clock[Math.floor(asked++ / 10_000)] ?? 0, randomUuid: randomUUID })
  const ids = Array.from({ length: 30_000 }, newId)
  expect(ids.every((id) => version7.test(id))).toBe(true)
  expect(ids).toEqual([...ids].sort())
  expect(new Set(ids).size).toBe(ids.length)
})

test('two makers at one time give different ids', () => {
  const [one, other] = [makeNewId({ nowMs: () => 1_790_000_000_000, randomUuid: randomUUID }), makeNewId({ nowMs: () => 1_790_000_000_000, randomUuid: randomUUID })]
  expect(one()).not.toBe(other())
})
