import { describe, expect, it } from 'vitest'
import { makeHeldBytes, type Held } from '../../../hub/http/held-bytes.js'

const mib = 1024 * 1024

describe('the memory that requests share', () => {
  it('leaves half of itself to others when one caller fills all that it may', () => {
    const { take } = makeHeldBytes(64 * mib)
    let flooded = 0
    while (take('flood', mib).ok) flooded += 1
    expect(flooded).toBe(31)
    expect(take('quiet', mib).ok).toBe(true)
    expect(take('flood', mib)).toMatchObject({ ok: false, code: 'busy' })
  })

  it('is never exceeded, however many callers there are, and is free again once they are answered', () => {
    const { take } = makeHeldBytes(64 * mib)
    const held: Held[] = []
    for (let round = 0; round < 100; round++) {
      for (let caller = 0; caller < 50; caller++) {
        const one = take(`c${caller}`, mib / 2)
        if (one.ok) held.push(one.value)
      }
    }
    expect(held.length * (mib / 2 + 16 * 1024)).toBeLessThanOrEqual(64 * mib)
    expect(held.length).toBeGreaterThan(60)
    for (const one of held) {
      one.free()
      one.free()
    }
    expect(take('anyone', 31 * mib).ok).toBe(true)
  })

  it('counts what comes of a body that does not say how long it is', () => {
    const { take } = makeHeldBytes(8 * mib)
    const held = take('a', 0)
    if (!held.ok) throw new Error(held.detail)
    expect(held.value.grow(3 * mib)).toBe(true)
    expect(held.value.grow(6 * mib)).toBe(false)
    held.value.free()
    expect(take('a', 3 * mib).ok).toBe(true)
  })
})
