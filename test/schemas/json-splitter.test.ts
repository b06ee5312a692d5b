import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from '../../schemas/json-reader.js'
import { makeJsonArraySplitter, makeLineSplitter } from '../../schemas/json-splitter.js'
import type { Result } from '../../schemas/result.js'
import type { Piece, Splitter } from '../../schemas/splitter.js'

const split = (splitter: Splitter, text: string, step: number) => {
  const cuts: Result<Piece>[] = []
  for (let at = 0; at < text.length; at += step) cuts.push(...splitter.push(text.slice(at, at + step)))
  cuts.push(...splitter.end())
  return { cuts, failure: splitter.failure() }
}

const readAll = (cuts: readonly Result<Piece>[]) => cuts.map((cut) => (cut.ok ? readJson(cut.value.text, {}, { nodes: 0 }, cut.value) : cut))

describe('the elements of a large array', () => {
  it('are the very nodes that the whole array has, places included, however the text comes', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 40 }), fc.constantFrom(undefined, 1), (values, step, indent) => {
      const text = JSON.stringify(values, null, indent)
      const whole = readJson(text)
      if (!whole.ok) throw new Error(whole.detail)
      const { cuts, failure } = split(makeJsonArraySplitter(), text, step)
      expect(failure).toBeUndefined()
      expect(readAll(cuts).map((read) => (read.ok && 'kind' in read.value ? { ...read.value, listed: true } : read))).toEqual(whole.value.children)
    }), { verbose: true })
  })

  it.each([
    ['a comma too many', '[1,\n,2]', '2:1'], ['a comma at the end', '[1,\n]', '2:1'], ['a brace between', '[1\n}', '2:1'], ['text behind', '[1]\n2', '2:1'], ['no end', '[1,\n2', '2:2'], ['no array', '{}', '1:1'],
  ])('are cut up to the place of %s', (_name, text, at) => {
    for (const step of [1, 100]) expect(split(makeJsonArraySplitter(), text, step).failure).toMatchObject({ code: 'json-not-well-formed', at })
  })

  it('fail alone where they are too long', () => {
    expect(split(makeJsonArraySplitter(50), `[1, "${'x'.repeat(300)}", 2]`, 20).cuts).toMatchObject([{ ok: true }, { ok: false, code: 'limit-exceeded', at: '1:5' }, { ok: true, value: { text: '2' } }])
  })
})

describe('the lines of a large NDJSON', () => {
  it('are cut whatever the steps, blank ones left out, each with its number', () => {
    for (const step of [1, 3, 100]) expect(split(makeLineSplitter(), '{"a":1}\n\n \n[2]\n3', step).cuts).toMatchObject([{ value: { text: '{"a":1}', line: 1 } }, { value: { text: '[2]', line: 4 } }, { value: { text: '3', line: 5 } }])
  })

  it('fail alone where they are too long', () => {
    expect(split(makeLineSplitter(50), `1\n"${'x'.repeat(300)}"\n2`, 20).cuts).toMatchObject([{ ok: true }, { ok: false, code: 'limit-exceeded', at: '2:1' }, { ok: true, value: { text: '2', line: 3 } }])
  })
})
