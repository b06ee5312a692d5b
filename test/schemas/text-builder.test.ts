import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeTextBuilder } from '../../schemas/text-builder.js'

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)

it('a text built of pieces and characters is what they are one behind the other', () => {
  const part = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 0, max: 0x10ffff }))
  fc.assert(fc.property(fc.array(part), fc.constantFrom(1, 300), (parts, times) => {
    const all = Array.from({ length: times }, () => parts).flat()
    const builder = makeTextBuilder()
    for (const one of all) {
      if (typeof one === 'number') builder.character(one)
      else builder.piece(`(${one})`, 1, one.length + 1)
    }
    expect(builder.text()).toBe(all.map((one) => (typeof one === 'number' ? String.fromCodePoint(one) : one)).join(''))
  }), { seed, numRuns: 30 })
})
