import { Ajv } from 'ajv'
import fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../mappings/engine/translator.js'
import { isBusinessDate } from '../../schemas/business-date.js'
import { canonicalSchemas, type CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { splitSchemas } from '../../schemas/schema-parts.js'
import { compilePredicates } from '../../schemas/schema-predicate.js'
import { readXml } from '../../schemas/xml-reader.js'

const translator = await loadTranslator(projectFolder('mappings'))
const { parts, nameOf } = splitSchemas(canonicalSchemas)
const formats = { date: isBusinessDate }

describe('the predicates of the canonical schemas', () => {
  it('say of whatever is made of a document what ajv says', async () => {
    const ajv = new Ajv({ strict: false, inlineRefs: false, validateSchema: false, formats })
    for (const [name, part] of parts) ajv.addSchema(part, name)
    const predicateOf = compilePredicates(parts, formats)
    const documents = await Promise.all([['ubl/invoice', 'ubl', 'invoice'], ['ubl/order', 'ubl', 'order'], ['ubl/despatch-advice', 'ubl', 'despatch-advice'], ['idoc/order', 'idoc', 'order']].map(async ([format = '', language = '', sample = '']) => documentOf(format, language, sample)))
    const verdicts = new Set<boolean>()
    fc.assert(fc.property(fc.constantFrom(...documents), fc.array(fc.tuple(fc.nat(), change), { maxLength: 2 }), (document, changes) => {
      const changed: Record<string, unknown> = { ...structuredClone(document) }
      for (const [place, how] of changes) changeAt(changed, place, how)
      const name = nameOf(document.kind)
      const verdict = ajv.validate(name, changed)
      verdicts.add(verdict)
      expect(predicateOf(name)(changed)).toBe(verdict)
    }), { numRuns: 500 })
    expect(verdicts.size).toBe(2)
  }, 300_000)

  it('are not made of a schema that says what they do not know', () => {
    const compile = (part: object) => () => compilePredicates(new Map([['a', { ...part }]]), formats)('a')
    expect(compile({ type: 'string', minimum: 3 })).toThrow('minimum')
    expect(compile({ type: 'string', format: 'email' })).toThrow('email')
    expect(compile({ type: 'object', properties: {} })).toThrow('open')
    expect(compile({ type: 'number' })).toThrow('number')
    expect(compile({ $ref: 'b' })).toThrow('b')
  })

  it('count characters, not code units', () => {
    const is = compilePredicates(new Map([['a', { type: 'string', minLength: 2, maxLength: 3 }]]), formats)('a')
    expect(['\u{20000}', '\u{20000}'.repeat(2), '\u{20000}'.repeat(3), '\u{20000}'.repeat(4), 'a', 'ab', 'abcd'].map(is)).toEqual([false, true, true, false, false, true, false])
  })
})

type Change = { readonly form: 'value', readonly value: unknown } | { readonly form: 'drop' } | { readonly form: 'add' } | { readonly form: 'repeat', readonly times: number }

const texts = fc.constantFrom('', 'x', '1', '1.50', '-0', '1.5', 'EUR', 'eur', 'CN', '2026-02-30', '2026-02-28', '12:00:00', 'allowance', 'order', 'seller', '\u{20000}'.repeat(200), 'y'.repeat(201))
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.oneof(texts, fc.constantFrom(undefined, null, 0, -1, 1.5, true, [], {}, [{}], ['x'])).map((value) => ({ form: 'value' as const, value })),
  fc.constant({ form: 'drop' as const }), fc.constant({ form: 'add' as const }), fc.constantFrom(0, 2, 201).map((times) => ({ form: 'repeat' as const, times })),
)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Every object and list with each of its members. */
const placesIn = (value: unknown): readonly (readonly [Record<string, unknown>, string])[] =>
  isRecord(value) ? Object.keys(value).flatMap((name) => [[value, name] as const, ...placesIn(value[name])]) : []

const changeAt = (document: Record<string, unknown>, place: number, how: Change): void => {
  const places = placesIn(document).filter(([, name]) => name !== 'kind')
  const [holder, name] = places[place % places.length] ?? [document, 'number']
  const held = holder[name]
  switch (how.form) {
    case 'value': holder[name] = how.value; return
    case 'drop': if (!Array.isArray(holder)) Reflect.deleteProperty(holder, name); return
    case 'add': holder[Array.isArray(holder) ? '0' : 'surplus'] = undefined; return
    case 'repeat': holder[name] = Array.from({ length: how.times }, () => structuredClone(Array.isArray(held) ? (held as readonly unknown[])[0] : held)); return
    default: how satisfies never
  }
}

const documentOf = async (format: string, language: string, sample: string): Promise<CanonicalDocument> => {
  const root = readXml(await readFile(projectFolder('mappings', language, 'samples', `${sample}.xml`), 'utf8'))
  const [document] = translator.ok && root.ok ? translator.value.read(format, root.value).documents : []
  if (document === undefined) throw new Error(`the sample ${sample} was not read`)
  return document
}
