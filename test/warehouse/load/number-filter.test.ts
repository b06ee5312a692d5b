import { expect, it } from 'vitest'
import { makeNumberFilter } from '../../../warehouse/load/number-filter.js'

it('takes no number for new that it has met, and hardly any for met that is new', () => {
  const { meet, isFull } = makeNumberFilter(0)
  const numberOf = (n: number): string => `PO-2026-${n}`
  let wrong = 0
  for (let n = 0; n < 200_000; n++) if (meet(numberOf(n))) wrong += 1
  expect(wrong).toBeLessThan(100)
  for (let n = 0; n < 200_000; n++) if (!meet(numberOf(n))) throw new Error(`${numberOf(n)} was met before.`)
  expect(isFull()).toBe(false)
})

it('says when it has become too small, and is made larger for more', () => {
  const { meet, isFull } = makeNumberFilter(0)
  for (let n = 0; n < 4_500_000; n++) meet(`${n}`)
  expect(isFull()).toBe(true)
  expect(makeNumberFilter(4_500_000).isFull()).toBe(false)
})
