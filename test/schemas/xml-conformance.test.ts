import { beforeAll, describe, expect, it } from 'vitest'
import { runXmlSuite, type SuiteCase } from '../../bench/xml-suite.js'

let cases: readonly SuiteCase[]
beforeAll(async () => { cases = await runXmlSuite() })

const idsOf = (group: SuiteCase['group'], accepted: boolean): readonly string[] =>
  cases.filter((one) => one.group === group && one.answer.ok === accepted).map(({ id }) => id)

describe('the W3C XML conformance suite, from bytes to tree', () => {
  it('is there with its 2,585 documents', () => {
    expect(cases).toHaveLength(2585)
  })
  it('has one document that is not well-formed and accepted: UTF-8 that calls itself UTF-16, as .NET and Java write it', () => {
    expect(idsOf('not well-formed', true)).toEqual(['rmt-e2e-61'])
    expect(idsOf('not well-formed', false)).toHaveLength(252)
  })
  it('has no well-formed document without external entities or internal subset that is refused', () => {
    expect(idsOf('well-formed', false)).toEqual([])
    expect(idsOf('well-formed', true)).toHaveLength(73)
  })
  it('has an internal subset refused, whatever it holds', () => {
    expect([...idsOf('not well-formed, internal subset', true), ...idsOf('well-formed, internal subset', true)]).toEqual([])
    expect(idsOf('not well-formed, internal subset', false).length + idsOf('well-formed, internal subset', false).length).toBeGreaterThan(1500)
  })
  it('has external entities never loaded: what is wrong inside them is not seen, what refers to them is refused', () => {
    expect(idsOf('not well-formed in an external entity', true)).toHaveLength(29)
    expect(cases.filter(({ group, answer }) => group === 'well-formed, external entities' && !answer.ok).map(({ answer }) => (answer.ok ? '' : answer.detail)))
      .toEqual(Array.from({ length: 5 }, () => expect.stringMatching(/begins no reference that is defined/) as unknown))
  })
  it('has names by the fifth edition of XML 1.0, and no name with colons that are none of a prefix', () => {
    expect(idsOf('not well-formed before the fifth edition', true)).toEqual(['rmt-016', 'rmt-019'])
    expect(idsOf('well-formed but for namespaces', true)).toEqual([])
  })
  it('has a place for each refusal', () => {
    for (const { id, answer } of cases) {
      if (!answer.ok) expect({ id, at: answer.at, detail: answer.detail }).toEqual({ id, at: expect.stringMatching(/^(?:\d+:\d+|byte \d+|encoding)$/) as unknown, detail: expect.stringMatching(/.\.$/) as unknown })
    }
  })
})
