import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextLineEnd, withLineFeeds } from '../../schemas/line-feeds.js'

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)

const plainly = (text: string): string => text.replace(/\r\n?/g, '\n')

describe('line ends', () => {
  const piece = fc.constantFrom('\r', '\n', '\r\n', '\n\r', 'a', 'text', '订单', '😀', '\ud800', '\udc00', 'é')
  it('become line feeds, and nothing else becomes anything, however many there are', () => {
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom(1, 700, 9000), fc.nat(70_000), (pieces, times, before) => {
      const text = 'x'.repeat(before) + pieces.join('').repeat(times)
      expect(withLineFeeds(text) === plainly(text)).toBe(true)
    }), { seed, numRuns: 60 })
  })

  it('of millions in a row too, split by a step or not', () => {
    for (const [end, extra] of [['\r', ''], ['\r\n', ''], ['\r\n', 'x'], ['\n\r', '订']] as const) {
      const text = extra + end.repeat(300_000)
      expect(withLineFeeds(text) === plainly(text)).toBe(true)
    }
  })

  it('are found from any place on', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('\n', 'a', 'a text of some length'), { maxLength: 20 }), fc.nat(60), (pieces, from) => {
      const text = pieces.join('')
      expect(nextLineEnd(text, Math.min(from, text.length))).toBe(text.indexOf('\n', Math.min(from, text.length)))
    }), { seed })
  })
})
