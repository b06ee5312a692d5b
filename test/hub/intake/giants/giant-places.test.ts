import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { makeGiantPlaces } from '../../../../hub/intake/giants/giant-places.js'

const leave = (place: ReturnType<ReturnType<typeof makeGiantPlaces>['enter']>): void => {
  if (!place.ok) throw new Error(place.detail)
  place.value()
}

describe('the places of giants', () => {
  it('are two for one key, which leave the others theirs, and eight for all', () => {
    const places = makeGiantPlaces()
    const first = places.enter('a')
    expect(places.enter('a').ok).toBe(true)
    expect(places.enter('a')).toMatchObject({ ok: false, code: 'giants-busy', detail: expect.stringContaining('of this caller') as string })
    for (const key of ['b', 'b', 'c', 'c', undefined, 'd']) expect(places.enter(key).ok).toBe(true)
    expect(places.enter('e')).toMatchObject({ ok: false, code: 'giants-busy' })
    leave(first)
    leave(first)
    expect(places.enter('e').ok).toBe(true)
    expect(places.enter('f').ok).toBe(false)
  })

  it('let two work at a time, the others after them in their order, whatever fails', async () => {
    const places = makeGiantPlaces()
    const [begun, order]: [number[], number[]] = [[], []]
    let [working, most] = [0, 0]
    const all = [0, 1, 2, 3, 4, 5].map((number) => places.inTurn(async () => {
      begun.push(number)
      most = Math.max(most, ++working)
      await sleep(10)
      working--
      order.push(number)
      if (number % 2 === 1) throw new Error('failed')
    }).catch(() => undefined))
    await Promise.all(all)
    expect({ begun, most, done: order.length }).toEqual({ begun: [0, 1, 2, 3, 4, 5], most: 2, done: 6 })
  })
})
