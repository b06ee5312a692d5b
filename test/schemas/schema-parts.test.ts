import { Type } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { splitSchemas } from '../../schemas/schema-parts.js'

const amount = Type.Object({ value: Type.String({ pattern: '^\\d+$' }) }, { additionalProperties: false })
const line = Type.Recursive((self) => Type.Object({ amount, tax: Type.Optional(amount), lines: Type.Optional(Type.Array(self)) }, { additionalProperties: false }), { $id: 'line' })
const schemas = { bill: Type.Object({ total: amount, lines: Type.Array(line) }), note: Type.Object({ total: amount }) }

describe('schema parts', () => {
  const { parts, nameOf } = splitSchemas(schemas)

  it('says once what several schemas say', () => {
    expect(parts.size).toBe(4)
    expect(JSON.stringify([...parts.values()]).split('pattern')).toHaveLength(2)
  })

  it.each<unknown>([
    { total: { value: '1' }, lines: [{ amount: { value: '1' }, lines: [{ amount: { value: '2' } }] }] },
    { total: { value: 'x' }, lines: [{ amount: { value: '1' }, tax: { value: 'y' }, lines: [{ amount: { value: 'z', more: 1 } }, { lines: [{}] }] }] },
    { lines: [{}] },
  ])('finds the same faults at the same places as the whole: %j', (document) => {
    const ajv = new Ajv({ allErrors: true, inlineRefs: false })
    for (const [name, part] of parts) ajv.addSchema(part, name)
    const split = ajv.getSchema(nameOf('bill'))
    const whole = new Ajv({ allErrors: true }).compile(schemas.bill)
    expect(split?.(document)).toBe(whole(document))
    const placesOf = (errors: typeof whole.errors) => (errors ?? []).map(({ instancePath, keyword, params }) => ({ instancePath, keyword, params }))
    expect(placesOf(split?.errors)).toEqual(placesOf(whole.errors))
  })
})
