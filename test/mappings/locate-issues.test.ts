import { describe, expect, it } from 'vitest'
import { canonicalFormats } from '../../mappings/canonical/canonical-format.js'
import { locateInOwnForm, locateIssues } from '../../mappings/engine/locate-issues.js'
import type { Issue } from '../../schemas/message-answer.js'
import { readJson } from '../../schemas/json-reader.js'
import type { Result } from '../../schemas/result.js'
import { order } from '../fixtures/intake.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.detail)
  return result.value
}

const root = must(readJson(JSON.stringify(order('1', { notes: ['a', 'b'], lines: [1, 2, 3].map((number) => ({ number: String(number), quantity: { value: '2', unit: 'EA' }, item: { names: [{ value: `n${number}` }] } })) }), null, 1)))
const format = canonicalFormats.find(({ info }) => info.id === 'canonical/order')
if (format === undefined) throw new Error('There is no such format.')
const traced = format.read(root, true)
const issueAt = (at: string): Issue => ({ code: 'value-invalid', at, detail: 'It is wrong.' })
const foundAt = (at: string) => locateInOwnForm([issueAt(at)], root)[0]

describe('an issue of a document in the hub\'s own form', () => {
  it('stands where reading found its value, at every place that there is', () => {
    const paths = [...traced.lineage, ...traced.objects].map(({ target }) => target)
    expect(paths.length).toBeGreaterThan(30)
    for (const path of paths) expect(foundAt(path)).toEqual(locateIssues([issueAt(path)], traced, root)[0])
  })

  it.each([
    ['what is missing, at the thing that it is missing in', 'lines[1].price.amount', 'lines[1]'], ['a line that there is not, at the first', 'lines[7].price', 'lines[0]'],
    ['a list, at the first of it', 'lines', 'lines[0]'], ['what is missing in the document, at its beginning', 'delivery.terms', ''],
  ])('stands, of %s', (_, path, near) => {
    const place = traced.objects.find(({ target }) => target === near) ?? root
    expect(foundAt(path)).toMatchObject({ at: `${place.line}:${place.column} ${path}`, detail: `${path}: It is wrong.` })
  })
})
