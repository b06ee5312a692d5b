import { expect, it } from 'vitest'
import { validateDocument } from '../../schemas/validate-document.js'

it('of 200,000 wrong lines the first are told, and that there are too many, without comparing each with all before it', () => {
  const before = process.cpuUsage()
  const issues = validateDocument({ kind: 'order', number: '1', function: 'original', lines: Array.from({ length: 200_000 }, (_, index) => (index < 150_000 ? { number: '1' } : {})) })
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(10_000)
  expect(issues).toContainEqual({ code: 'limit-exceeded', at: 'lines', detail: 'lines has more than 100000 items.' })
  expect(issues).toContainEqual(expect.objectContaining({ code: 'field-missing', at: 'lines[150000].number' }))
})

it('of lists in lists too, where each item keeps its place', () => {
  const wrong = Array.from({ length: 100_000 }, () => ({ scheme: 'gln' }))
  const issues = validateDocument({ kind: 'order', number: '1', function: 'original', lines: [{ number: '1' }, { number: '2', item: { identifiers: wrong } }] })
  expect(issues).toContainEqual(expect.objectContaining({ code: 'limit-exceeded', at: 'lines[1].item.identifiers' }))
  expect(issues).toContainEqual(expect.objectContaining({ code: 'field-missing', at: 'lines[1].item.identifiers[7].value' }))
})
