import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../../hub/intake/canonical-json.js'

/** Members in the order of their names, written by JavaScript itself. */
const plainly = (value: unknown): string => JSON.stringify(value, (_name, held: unknown) =>
  (typeof held === 'object' && held !== null && !Array.isArray(held) ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1))) : held))

const value = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\n', '\0', '\ud800', 'plain'), fc.boolean(), fc.integer(), fc.constant(null), fc.constant(undefined), tie('object'), fc.array(tie('value'))),
  object: fc.dictionary(fc.oneof(fc.constantFrom('id', 'name', 'lines', 'amount', '1', '10', '9', '__proto__', '"'), fc.string()), tie('value')),
})).object

test('canonical JSON says what a document says, with the members of each object in the order of their names', () => {
  fc.assert(fc.property(value, (document) => {
    expect(canonicalJson(document)).toBe(plainly(document))
    expect(JSON.parse(canonicalJson(document))).toStrictEqual(JSON.parse(JSON.stringify(document)))
  }))
})

test('equal content is equal text, whatever order its members came in', () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.nat(), { minLength: 1 }), (document, places) => {
    const shuffled = Object.fromEntries(Object.entries(document).map((entry, index) => ({ entry, place: places[index % places.length] ?? 0 })).sort((a, b) => a.place - b.place).map(({ entry }) => entry))
    expect(canonicalJson(shuffled)).toBe(canonicalJson(document))
  }))
})

test('is right still after more kinds of objects than are remembered', () => {
  const kinds = Array.from({ length: 1200 }, (_, index) => ({ z: index, [`name-${index}`]: 'x', a: [{ [`y${index}`]: 1, b: 2 }] }))
  for (const kind of [...kinds, ...kinds.slice(0, 50)]) expect(canonicalJson(kind)).toBe(plainly(kind))
})
