import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJsonValue } from '../../schemas/json-value.js'
import { readJson } from '../../schemas/json-reader.js'
import { writeJson } from '../../schemas/json-writer.js'
import type { Node } from '../../schemas/node.js'

const read = (text: string): Node => {
  const result = readJson(text)
  if (!result.ok) throw new Error(`${result.code} ${result.at} ${result.detail}`)
  return result.value
}

const shape = ({ name, kind, listed, text, children }: Node): unknown => [name, kind, listed === true, text, children.map(shape)]

describe('the tree', () => {
  test('members are children, arrays listed children of the same name, empty arrays one array', () => {
    expect(shape(read('{"a":[1,"x",[2]],"b":[],"c":null,"d":true,"e":[[]],"":{}}'))).toEqual(['', 'object', false, '', [
      ['a', 'number', true, '1', []], ['a', 'string', true, 'x', []], ['a', 'array', true, '', [['', 'number', true, '2', []]]],
      ['b', 'array', false, '', []], ['c', 'null', false, '', []], ['d', 'boolean', false, 'true', []], ['e', 'array', true, '', []], ['', 'object', false, '', []],
    ]])
    expect(shape(read('[1]'))).toEqual(['', 'array', false, '', [['', 'number', true, '1', []]]])
  })
  test('numbers keep their digits', () => {
    for (const number of ['100.00', '12345678901234567890', '-0', '1e400', '0.10E+2']) expect(read(number)).toMatchObject({ kind: 'number', text: number })
  })
  test('lines and columns are those of values', () => {
    const root = read('\ufeff {"a": 1,\r\n  "b": [true,\r [2]]}')
    expect([root, ...root.children].map(({ line, column }) => [line, column])).toEqual([[1, 2], [1, 8], [2, 9], [3, 2]])
  })
})

describe('what is not JSON is refused where it stands', () => {
  test.each([
    ['{"a":1,"b":{"a":1},\n "a":2}', '2:2'], ['{"a":1,"\\u0061":2}', '1:8'], ['{"__proto__":1,"__proto__":2}', '1:16'],
    ['', '1:1'], ['[1,]', '1:4'], ['{"a":1,}', '1:8'], ["{'a':1}", '1:2'], ['01', '1:2'], ['1.', '1:2'], ['+1', '1:1'], ['.5', '1:1'], ['NaN', '1:1'], ['"\t"', '1:2'],
    ['"\\x"', '1:2'], ['"\\u12g4"', '1:2'], ['"abc', '1:5'], ['[1 2]', '1:4'], ['{"a" 1}', '1:6'], ['[1]x', '1:4'], ['\u00a01', '1:1'], ['// c\n1', '1:1'], ['tru', '1:1'], ['[', '1:2'],
  ])('%j', (text, at) => {
    expect(readJson(text)).toMatchObject({ ok: false, code: 'json-not-well-formed', at })
  })
  test('a duplicate member is named', () => {
    expect(readJson('{"price":1,"price":2}')).toMatchObject({ detail: 'The member "price" stands twice in one object.' })
  })
  test('limits are kept and attacks answered fast', () => {
    const before = performance.now()
    expect(readJson('['.repeat(200) + ']'.repeat(200))).toMatchObject({ ok: true })
    expect(readJson('['.repeat(1_000_000))).toMatchObject({ code: 'limit-exceeded', at: '1:201' })
    expect(readJson('{"a":'.repeat(1_000_000))).toMatchObject({ code: 'limit-exceeded' })
    expect(readJson('[1,2,3]', { nodes: 3 })).toMatchObject({ code: 'limit-exceeded', at: '1:6' })
    expect(readJson(`[${'0,'.repeat(500_000)}0]`)).toMatchObject({ code: 'limit-exceeded' })
    expect(readJson('[",,,,",\n 1, 2, 3]', { nodes: 3 })).toMatchObject({ code: 'limit-exceeded', at: '2:6' })
    expect(readJson(`["${','.repeat(1_000_001)}"]`)).toMatchObject({ ok: true })
    expect(readJson(`["a\\"${','.repeat(1_000_001)}"]`)).toMatchObject({ ok: true })
    const count = { nodes: 0 }
    expect([1, 2].map(() => readJson('[1]', { nodes: 3 }, count).ok)).toEqual([true, false])
    expect(readJson('[1]', { textLength: 2 })).toMatchObject({ code: 'limit-exceeded' })
    expect(readJson(`{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join(',')}}`)).toMatchObject({ ok: true })
    expect(readJson(`{${Array.from({ length: 20_001 }, (_, index) => `"k${index}":1`).join(',')}}`)).toMatchObject({ code: 'limit-exceeded', detail: expect.stringContaining('20000 members') as unknown })
    expect(readJson(`"${'\\u0041'.repeat(500_000)}"`)).toMatchObject({ ok: true })
    expect(performance.now() - before).toBeLessThan(15_000)
  })
})

/** JSON.parse's answer with numbers as their value, to hold ours against. */
const parsed = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

const numbersAsText = (value: unknown): unknown => {
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map(numbersAsText)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, numbersAsText(member)]))
}

describe('beside JSON.parse', () => {
  test('every text that JSON.stringify writes is read as the same value and written back as the same text', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(readJsonValue(text)).toEqual({ ok: true, value: numbersAsText(JSON.parse(text)) })
      expect(writeJson(read(text), { indent: indent > 0 })).toEqual({ ok: true, value: text })
    }), { numRuns: 1000 })
  })
  test('texts with slips are taken and refused alike, but for duplicate members', () => {
    const slip = fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.constantFrom('', ',', '"', '\\', '[', '}', ':', '0', '-', '.', 'e', ' ', '\n', '\u0001', 'u', '\ufeff'))
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), fc.array(slip, { minLength: 1, maxLength: 3 }), (value, slips) => {
      const text = slips.reduce((made, [at, cut, insert]) => {
        const from = at % (made.length + 1)
        return made.slice(0, from) + insert + made.slice(from + cut)
      }, JSON.stringify(value))
      const ours = readJson(text)
      if (!ours.ok && ours.detail.includes('stands twice')) return
      // JSON.parse takes no leading byte order mark.
      expect(ours.ok).toBe(parsed(text.replace(/^\ufeff/, '')) !== undefined)
    }), { numRuns: 5000 })
  })
})
