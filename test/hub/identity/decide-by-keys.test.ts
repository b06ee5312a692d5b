import { describe, expect, test } from 'vitest'
import { decideByKeys, type KeyHolder } from '../../../hub/identity/decide-by-keys.js'
import { matchKeysOf } from '../../../hub/identity/match-keys.js'
import type { SourceKey } from '../../../schemas/ids.js'
import { company } from '../../fixtures/documents.js'

const key = (text: string) => text as SourceKey
/** By match key: its oldest record, whose party, and what else that party has. */
const holders = (known: Readonly<Record<string, readonly [record: string, party: string, ...more: readonly string[]]>>) => (matchKey: string): KeyHolder | undefined => {
  const found = known[matchKey]
  return found === undefined ? undefined : { key: key(found[0]), component: found[1], matchKeys: [matchKey, ...found.slice(2)] }
}
const record = (...newMatchKeys: readonly string[]) => ({ key: key('erp/id:7'), isNew: true, component: 'erp/id:7', matchKeys: [], newMatchKeys })
const decisionsOf = (...asked: Parameters<typeof decideByKeys>) => decideByKeys(...asked).decisions

describe('deterministic matching', () => {
  test('founds a party for a new record that shares no key', () => {
    expect(decisionsOf(record('gln:1'), holders({}))).toEqual([{ action: 'found', source: 'erp/id:7' }])
  })

  test('links a new record with the holder of its key and says why', () => {
    expect(decisionsOf(record('gln:1'), holders({ 'gln:1': ['scm/gln:1', 'P'] }))).toEqual([{ action: 'link', source: 'erp/id:7', with: 'scm/gln:1', rule: 'gln', evidence: 'gln:1' }])
  })

  test('links once with a party that shares two keys, and once with each of two parties', () => {
    expect(decisionsOf(record('gln:1', 'vat:2'), holders({ 'gln:1': ['a/id:1', 'P'], 'vat:2': ['b/id:2', 'P'] }))).toHaveLength(1)
    expect(decisionsOf(record('gln:1', 'vat:2'), holders({ 'gln:1': ['a/id:1', 'P'], 'vat:2': ['b/id:2', 'Q'] }))).toMatchObject([{ with: 'a/id:1' }, { with: 'b/id:2' }])
  })

  test('decides nothing about a known record whose new key nobody else has, or only its own party', () => {
    const known = { ...record('gln:1'), isNew: false, component: 'P' }
    expect(decisionsOf(known, holders({}))).toEqual([])
    expect(decisionsOf(known, holders({ 'gln:1': ['a/id:1', 'P'] }))).toEqual([])
  })

  test('joins a record that claims several parties of one scheme with the first of them alone, and refuses it the keys of the others', () => {
    const three = holders({ 'gln:1': ['a/id:1', 'P'], 'gln:2': ['b/id:2', 'Q', 'vat:2'], 'gln:3': ['c/id:3', 'R'], 'vat:2': ['b/id:2', 'Q', 'gln:2'] })
    const verdict = decideByKeys(record('gln:1', 'gln:2', 'gln:3', 'vat:2', 'lei:9'), three)
    expect(verdict.decisions).toMatchObject([{ with: 'a/id:1' }])
    expect([...verdict.refused]).toEqual(['gln:2', 'gln:3', 'vat:2'])
  })

  test('brings a known party together with another one unless they contradict each other', () => {
    const known = { ...record('vat:2'), isNew: false, component: 'P' }
    const other = holders({ 'vat:2': ['b/id:2', 'Q', 'gln:2', 'gln:3'] })
    expect(decisionsOf({ ...known, matchKeys: ['gln:1'] }, other)).toEqual([])
    expect(decisionsOf({ ...known, matchKeys: ['gln:1', 'gln:3'] }, other)).toMatchObject([{ with: 'b/id:2' }])
    expect(decisionsOf({ ...known, matchKeys: ['lei:1'] }, other)).toMatchObject([{ with: 'b/id:2' }])
  })

  test('counts what the record has shown before a key against the party of that key', () => {
    expect(decisionsOf(record('gln:1', 'vat:1', 'lei:5'), holders({ 'gln:1': ['a/id:1', 'P'], 'lei:5': ['b/id:2', 'Q', 'vat:2'] }))).toMatchObject([{ with: 'a/id:1' }])
  })

  test('compares tax numbers as written differently, and knows no placeholder', () => {
    expect(matchKeysOf(company('A', 'vat:DE 123.456.789', 'vat:de123456789', 'gln:0000000000000', '4711'))).toEqual(['vat:DE123456789'])
  })
})
