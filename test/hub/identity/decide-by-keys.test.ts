import { describe, expect, test } from 'vitest'
import { decideByKeys, type KeyHolder } from '../../../hub/identity/decide-by-keys.js'
import { matchKeysOf } from '../../../hub/identity/match-keys.js'
import type { SourceKey } from '../../../schemas/ids.js'
import { company } from '../../fixtures/documents.js'

const key = (text: string) => text as SourceKey
const holders = (known: Readonly<Record<string, readonly [string, string]>>) => (matchKey: string): KeyHolder | undefined => {
  const found = known[matchKey]
  return found === undefined ? undefined : { key: key(found[0]), component: found[1] }
}
const record = (...newMatchKeys: readonly string[]) => ({ key: key('erp/id:7'), isNew: true, component: 'erp/id:7', newMatchKeys })

describe('deterministic matching', () => {
  test('founds a party for a new record that shares no key', () => {
    expect(decideByKeys(record('gln:1'), holders({}))).toEqual([{ action: 'found', source: 'erp/id:7' }])
  })

  test('links a new record with the holder of its key and says why', () => {
    expect(decideByKeys(record('gln:1'), holders({ 'gln:1': ['scm/gln:1', 'P'] }))).toEqual([{ action: 'link', source: 'erp/id:7', with: 'scm/gln:1', rule: 'gln', evidence: 'gln:1' }])
  })

  test('links once with a party that shares two keys, and once with each of two parties', () => {
    expect(decideByKeys(record('gln:1', 'vat:2'), holders({ 'gln:1': ['a/id:1', 'P'], 'vat:2': ['b/id:2', 'P'] }))).toHaveLength(1)
    expect(decideByKeys(record('gln:1', 'vat:2'), holders({ 'gln:1': ['a/id:1', 'P'], 'vat:2': ['b/id:2', 'Q'] }))).toMatchObject([{ with: 'a/id:1' }, { with: 'b/id:2' }])
  })

  test('decides nothing about a known record whose new key nobody else has, or only its own party', () => {
    const known = { ...record('gln:1'), isNew: false, component: 'P' }
    expect(decideByKeys(known, holders({}))).toEqual([])
    expect(decideByKeys(known, holders({ 'gln:1': ['a/id:1', 'P'] }))).toEqual([])
  })

  test('compares tax numbers as written differently, and knows no placeholder', () => {
    expect(matchKeysOf(company('A', 'vat:DE 123.456.789', 'vat:de123456789', 'gln:0000000000000', '4711'))).toEqual(['vat:DE123456789'])
  })
})
