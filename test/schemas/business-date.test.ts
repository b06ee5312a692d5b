import { expect, it } from 'vitest'
import { isBusinessDate } from '../../schemas/business-date.js'

it.each(['2026-03-31', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])('a day of the calendar is a date: %s', (text) => {
  expect(isBusinessDate(text)).toBe(true)
})

it.each(['2026-02-31', '2026-02-29', '1900-02-29', '2026-04-31', '0000-01-01', '2026-13-01', '2026-00-10', '2026-01-00', '2026-1-1', '10000-01-01', '2026-03-31Z', ''])('what no calendar has is none: %s', (text) => {
  expect(isBusinessDate(text)).toBe(false)
})
