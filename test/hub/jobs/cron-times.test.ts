import { afterEach, describe, expect, it, vi } from 'vitest'
import { readCron } from '../../../hub/jobs/cron-times.js'

afterEach(() => { vi.unstubAllEnvs() })

const at = (text: string): number => Date.parse(text)
const timesOf = (cron: string) => {
  const times = readCron(cron)
  if (!times.ok) throw new Error(times.detail)
  const text = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString())
  return { lastAt: (now: string) => text(times.value.lastAt(at(now))), nextAfter: (now: string) => text(times.value.nextAfter(at(now))) }
}

describe('the times of a job', () => {
  it.each([
    ['*/10 * * * *', '2026-11-22T08:17:31Z', '2026-11-22T08:10:00.000Z', '2026-11-22T08:20:00.000Z'],
    ['*/10 * * * *', '2026-11-22T08:20:00Z', '2026-11-22T08:20:00.000Z', '2026-11-22T08:30:00.000Z'],
    ['10 2 * * *', '2026-03-01T02:09:59Z', '2026-02-28T02:10:00.000Z', '2026-03-01T02:10:00.000Z'],
    ['0 0 29 2 *', '2026-11-22T00:00:00Z', '2024-02-29T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['30 5 * * 1-5', '2026-11-22T08:00:00Z', '2026-11-20T05:30:00.000Z', '2026-11-23T05:30:00.000Z'],
  ])('%s at %s were last %s and are next %s', (cron, now, last, next) => {
    expect([timesOf(cron).lastAt(now), timesOf(cron).nextAfter(now)]).toEqual([last, next])
  })

  it('are UTC, once each, where the clocks of the place are set forward and back', () => {
    vi.stubEnv('TZ', 'America/New_York')
    // 02:30 does not exist there on 8 March 2026, and 01:30 comes twice on 1 November.
    expect(new Date('2026-03-08T07:30:00Z').getHours() - new Date('2026-03-08T06:30:00Z').getHours()).toBe(2)
    for (const [cron, from, upto] of [['30 2 * * *', '2026-03-07T00:00:00Z', '2026-03-10T00:00:00Z'], ['30 1 * * *', '2026-10-31T00:00:00Z', '2026-11-03T00:00:00Z']] as const) {
      const fired: string[] = []
      for (let next = timesOf(cron).nextAfter(from); next !== undefined && next < upto; next = timesOf(cron).nextAfter(next)) fired.push(next)
      expect(fired).toEqual([0, 1, 2].map((day) => new Date(at(from) + day * 86_400_000).toISOString().replace('T00:00', `T0${cron[3] ?? ''}:30`)))
    }
  })

  it('are refused where they are none, or go by seconds', () => {
    for (const cron of ['61 * * * *', 'every day', '* * * * * *', '0 0 L * *']) expect(readCron(cron)).toMatchObject({ ok: false, code: 'config-invalid', at: cron })
  })
})
