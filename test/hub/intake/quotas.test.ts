import { describe, expect, it } from 'vitest'
import { makeQuotas, type Quota } from '../../../hub/intake/quotas.js'

const start = (quota: Quota | undefined) => {
  const clock = { ms: 0 }
  const quotas = makeQuotas({ nowMs: () => clock.ms })
  const enter = (sender = 'acme', channel = 'in') => quotas.enter(channel, sender, quota)
  const count = (most: number, sender?: string): number => {
    let taken = 0
    while (taken < most && enter(sender).ok) taken += 1
    return taken
  }
  return { clock, enter, count }
}

describe('a quota of documents a second', () => {
  it('lets a burst through, then as many as it says, and says when there is room again', () => {
    const { clock, enter, count } = start({ perSecond: 2, burst: 5 })
    expect(count(100)).toBe(5)
    expect(enter()).toMatchObject({ ok: false, code: 'rate-limited', retryAfterSeconds: 1 })
    clock.ms = 10_000 - 1
    expect(count(100)).toBe(5)
    clock.ms += 1001
    expect(count(100)).toBe(2)
  })

  it('of less than one a second says how many seconds are left', () => {
    const { clock, enter, count } = start({ perSecond: 0.1 })
    expect(count(100)).toBe(1)
    expect(enter()).toMatchObject({ retryAfterSeconds: 10 })
    clock.ms = 7000
    expect(enter()).toMatchObject({ retryAfterSeconds: 3 })
    clock.ms = 10_000
    expect(enter().ok).toBe(true)
  })

  it('counts each document of a message', () => {
    const { clock, enter } = start({ perSecond: 10 })
    const entered = enter()
    if (!entered.ok) throw new Error(entered.detail)
    entered.value(41)
    expect(enter()).toMatchObject({ code: 'rate-limited', retryAfterSeconds: 4 })
    clock.ms = 3100
    expect(enter()).toMatchObject({ code: 'rate-limited' })
    clock.ms = 3201
    expect(enter().ok).toBe(true)
  })

  it('is each sender\'s own, and each channel\'s', () => {
    const { enter, count } = start({ perSecond: 1, burst: 3 })
    expect(count(10)).toBe(3)
    expect(count(10, 'other')).toBe(3)
    expect(enter('acme', 'second').ok).toBe(true)
  })

  it('does not run backwards with the clock', () => {
    const { clock, count } = start({ perSecond: 1, burst: 3 })
    clock.ms = 100_000
    expect(count(10)).toBe(3)
    clock.ms = 0
    expect(count(10)).toBe(0)
    clock.ms = 1000
    expect(count(10)).toBe(1)
  })
})

describe('a quota of messages at a time', () => {
  it('has room again as soon as one is answered', () => {
    const { enter } = start({ concurrent: 2 })
    const first = enter()
    expect(enter().ok).toBe(true)
    expect(enter()).toMatchObject({ ok: false, code: 'rate-limited' })
    if (first.ok) first.value(1)
    expect(enter().ok).toBe(true)
  })
})

it('a channel without a quota takes what comes', () => {
  expect(start(undefined).count(10_000)).toBe(10_000)
})
