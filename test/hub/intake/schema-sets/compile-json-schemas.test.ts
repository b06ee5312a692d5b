import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileJsonSchemas } from '../../../../hub/intake/schema-sets/compile-json-schemas.js'
import { compareNumbers, isMultipleOf, isWhole } from '../../../../hub/intake/schema-sets/exact-number.js'
import type { Finding } from '../../../../hub/intake/schema-sets/finding.js'
import { placeOfPointer } from '../../../../hub/intake/schema-sets/json-place.js'
import { readJson } from '../../../../schemas/json-reader.js'

const filesOf = (files: Readonly<Record<string, object | string>>) => Object.entries(files).map(([path, content]) => ({ path, text: typeof content === 'string' ? content : JSON.stringify(content) }))

const check = (files: Readonly<Record<string, object | string>>, text: string, root?: string): readonly Finding[] => {
  const compiled = compileJsonSchemas(filesOf(files), root)
  if (!compiled.ok) throw new Error(`${compiled.at}: ${compiled.detail}`)
  const document = readJson(text)
  if (!document.ok) throw new Error(document.detail)
  return compiled.value.check(document.value)
}

const refusal = (files: Readonly<Record<string, object | string>>, root?: string) => {
  const compiled = compileJsonSchemas(filesOf(files), root)
  return compiled.ok ? undefined : { code: compiled.code, at: compiled.at, detail: compiled.detail }
}

const rulesOf = (schema: object, text: string): readonly string[] => check({ 's.json': schema }, text).map(({ rule }) => rule)

describe('a directory of JSON Schemas', () => {
  it.each(['http://json-schema.org/draft-07/schema#', 'https://json-schema.org/draft/2019-09/schema', 'https://json-schema.org/draft/2020-12/schema'])('of %s holds together by relative path, by $id and by fragment', ($schema) => {
    const files = {
      'main/order.json': { $schema, type: 'object', properties: { a: { $ref: '../common/a.json' }, b: { $ref: 'https://x.example/b.json#/definitions/positive' }, c: { $ref: '#/definitions/c' } }, definitions: { c: { type: 'null' } } },
      'common/a.json': { type: 'string', maxLength: 2 },
      'common/renamed.json': { $id: 'https://x.example/b.json', definitions: { positive: { exclusiveMinimum: 0 } } },
    }
    expect(check(files, '{"a":"ab","b":1,"c":null}')).toEqual([])
    expect(check(files, '{"a":"abc","b":0,"c":1}').map(({ rule, steps }) => `${rule} ${steps.join('/')}`).sort()).toEqual(['exclusiveMinimum b', 'maxLength a', 'type c'])
  })

  it.each<[string, Readonly<Record<string, object | string>>, string, RegExp]>([
    ['is not JSON', { 'a.json': '{\n"type": }' }, 'a.json:2:9', /not JSON/],
    ['is no JSON Schema', { 'a.json': '{"type":"object",\n"properties":{\n"x":{"minLength":"3"}}}' }, 'a.json:3', /properties\/x\/minLength must be integer/],
    ['refers to the net', { 'a.json': '{"properties":\n{"x":{"$ref":"https://far.example/x.json"}}}' }, 'a.json:2', /leads to no file.*loads nothing from outside/],
    ['refers to a part that is not there', { 'a.json': { $ref: '#/definitions/no' } }, 'a.json', /no/],
    ['has a pattern that is none', { 'a.json': { pattern: '((' } }, 'a.json', /Unterminated group/],
    ['is of a dialect that is not known', { 'a.json': { $schema: 'http://json-schema.org/draft-04/schema#' } }, 'a.json:1', /draft-04.*draft-07, 2019-09 or 2020-12/],
    ['is asynchronous', { 'a.json': { $async: true } }, 'a.json:1', /\$async/],
    ['is one of several that no other refers to', { 'a.json': {}, 'b.json': {} }, 'root', /a\.json, b\.json/],
  ])('is refused with file and line where one %s', (_what, files, at, detail) => {
    expect(refusal(files)).toEqual({ code: 'schema-invalid', at, detail: expect.stringMatching(detail) as unknown })
  })

  it('is held against the schema that is named', () => {
    expect(check({ 'a.json': { type: 'string' }, 'b.json': { type: 'null' } }, 'null', 'b.json')).toEqual([])
    expect(refusal({ 'a.json': {} }, 'c.json')).toMatchObject({ at: 'root', detail: expect.stringContaining('a.json') as unknown })
  })

  it('takes patterns that only the lenient mode of expressions takes', () => {
    expect(rulesOf({ pattern: '^[\\w\\_]+\\-$' }, '"a_b-"')).toEqual([])
    expect(rulesOf({ pattern: '^\\p{Script=Han}+$' }, '"订单"')).toEqual([])
  })
})

describe('a number of a document', () => {
  it('meets a limit with all of its digits', () => {
    const schema = '{"minimum":0.1,"maximum":99999999999999999.99,"multipleOf":0.01}'
    for (const [text, rules] of [['0.1', []], ['0.10000000000000000000', []], ['0.09999999999999999999999', ['minimum', 'multipleOf']], ['99999999999999999.99', []], ['100000000000000000', ['maximum']],
      ['99999999999999999.991', ['maximum', 'multipleOf']], ['1.1', []], ['1e400', ['maximum']], ['-1e400', ['minimum']], ['4.35', []], ['1e-2', ['minimum']]] as const) {
      expect({ text, rules: check({ 's.json': schema }, text).map(({ rule }) => rule).sort() }).toEqual({ text, rules: [...rules].sort() })
    }
  })

  it('is whole by its digits, and told as it was sent', () => {
    expect(rulesOf({ type: 'integer' }, '12345678901234567890')).toEqual([])
    expect(rulesOf({ type: 'integer' }, '1e400')).toEqual([])
    expect(rulesOf({ type: 'integer' }, '1.0')).toEqual([])
    expect(check({ 's.json': { type: 'object', properties: { n: { type: 'integer' } } } }, '{"n":9007199254740993.5}')).toMatchObject([{ rule: 'type', detail: expect.stringContaining('9007199254740993.5') as unknown }])
    expect(check({ 's.json': { items: { type: 'integer' } } }, '[1,[9007199254740993.5],9007199254740993.5]').map(({ steps }) => steps)).toEqual([['1'], ['2']])
  })

  it('is compared exactly, whatever it is', () => {
    const number = fc.record({ digits: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), exponent: fc.integer({ min: -40, max: 40 }) })
    const scaled = ({ digits, exponent }: { readonly digits: bigint, readonly exponent: number }): bigint => digits * 10n ** BigInt(exponent + 40)
    fc.assert(fc.property(number, number, (a, b) => {
      const [left, right] = [`${a.digits}e${a.exponent}`, `${b.digits}e${b.exponent}`]
      const difference = scaled(a) - scaled(b)
      expect(Math.sign(compareNumbers(left, right))).toBe(difference > 0n ? 1 : difference < 0n ? -1 : 0)
      expect(isWhole(left)).toBe(scaled(a) % 10n ** 40n === 0n)
      if (b.digits > 0n) expect(isMultipleOf(left, right)).toBe(scaled(a) % scaled(b) === 0n)
    }))
  })

  it('of a huge exponent costs no time', () => {
    const begun = performance.now()
    expect(compareNumbers('1e999999999', '1e999999998')).toBeGreaterThan(0)
    expect(isMultipleOf('7e999999999', '0.03')).toBe(false)
    expect(isMultipleOf('1e-999999999', '0.03')).toBe(false)
    expect(performance.now() - begun).toBeLessThan(1000)
  })
})

describe('a breach', () => {
  it.each<[string, object, string, RegExp, RegExp]>([
    ['required', { required: ['orderId'] }, '{}', /lacks "orderId"/, /缺少必填项“orderId”/],
    ['additionalProperties', { additionalProperties: false }, '{"x":1}', /"x", which is not known/, /“x”不是规定的字段/],
    ['unevaluatedProperties', { $schema: 'https://json-schema.org/draft/2020-12/schema', unevaluatedProperties: false }, '{"x":1}', /"x"/, /“x”/],
    ['type', { properties: { n: { type: ['integer', 'null'] } } }, '{"n":"1"}', /whole number without quotes or null/, /整数/],
    ['enum', { properties: { n: { enum: ['pcs', 1] } } }, '{"n":"x"}', /one of "pcs", "1"/, /“pcs”、“1”之一/],
    ['const', { properties: { n: { const: 'a' } } }, '{"n":"x"}', /must be "a"/, /必须是 "a"/],
    ['pattern', { properties: { n: { pattern: '^W-' } } }, '{"n":"x"}', /\^W-/, /规定的格式/],
    ['format', { properties: { n: { format: 'date' } } }, '{"n":"2026-02-30"}', /2026-03-31/, /日期/],
    ['minLength', { properties: { n: { minLength: 1 } } }, '{"n":""}', /is empty/, /不能为空/],
    ['maxLength', { properties: { n: { maxLength: 1 } } }, '{"n":"ab"}', /at most 1/, /最多 1 个字符/],
    ['minItems', { properties: { n: { minItems: 1 } } }, '{"n":[]}', /at least 1/, /至少要有 1 条/],
    ['uniqueItems', { properties: { n: { uniqueItems: true } } }, '{"n":[1,2,1]}', /1 and 3/, /第 1 条与第 3 条/],
    ['maximum', { properties: { n: { maximum: 3 } } }, '{"n":4}', /3 is the most/, /最大为 3/],
    ['not', { properties: { n: { not: {} } } }, '{"n":4}', /not allowed/, /不允许/],
  ])('of %s says what to do in both languages', (rule, schema, text, en, zh) => {
    expect(check({ 's.json': schema }, text)).toMatchObject([{ rule, fix: { en: expect.stringMatching(en) as unknown, zh: expect.stringMatching(zh) as unknown } }])
  })

  it('of a choice tells what the nearest branch lacks', () => {
    const schema = { anyOf: [{ type: 'string' }, { type: 'object', required: ['value'] }] }
    expect(rulesOf(schema, '{}')).toEqual(['required'])
    expect(rulesOf({ oneOf: [{ const: 1 }, { const: 2 }] }, '3').length).toBeGreaterThan(0)
  })

  it('names members of a prototype only where the document has them', () => {
    expect(rulesOf({ required: ['toString', '__proto__'] }, '{}')).toEqual(['required', 'required'])
    expect(rulesOf({ required: ['toString', '__proto__'], properties: { constructor: { type: 'string' } } }, '{"toString":1,"__proto__":{}}')).toEqual([])
  })

  it('has its line and column in the document, in lists of lists and empty ones too', () => {
    const read = readJson('{"a":[\n [1,\n  2],[]],"b/c":[{"d":\n5}], "e":[]}')
    if (!read.ok) throw new Error(read.detail)
    const place = (...steps: readonly string[]) => {
      const { node: { line, column }, path } = placeOfPointer(read.value, steps)
      return `${line}:${column} ${path}`
    }
    expect([place(), place('a', '0', '1'), place('a', '1'), place('b~1c', '0', 'd'), place('e'), place('b~1c')]).toEqual(['1:1 .', '3:3 a[1][2]', '3:6 a[2]', '4:1 b/c[1]/d', '4:10 e', '3:17 b/c'])
  })
})
