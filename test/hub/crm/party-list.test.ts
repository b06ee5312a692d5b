import { describe, expect, test } from 'vitest'
import { order, startCrm } from '../../fixtures/crm-journal.js'
import { company } from '../../fixtures/documents.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

describe('the list of parties', () => {
  test('finds by the beginning of a word, of an identifier, and inside Chinese names', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(order('erp', '1', company('Nord 100% GmbH', '0010'), company('上海东方贸易有限公司', 'gln:5790000000029')))
    const found = async (q: string) => (await crm.parties.list({ q, limit: 10 })).items.map(({ name }) => name)
    expect(await found('GMB')).toEqual(['Nord 100% GmbH'])
    expect(await found('100% g')).toEqual(['Nord 100% GmbH'])
    expect(await found('001')).toEqual(['Nord 100% GmbH'])
    expect(await found('10%g')).toEqual([])
    expect(await found('东方')).toEqual(['上海东方贸易有限公司'])
    expect(await found('57900000')).toEqual(['上海东方贸易有限公司'])
  })

  test('pages without a gap or a repeat', async () => {
    const crm = await startCrm(await postgres.newDatabase())
    await crm.take(...Array.from({ length: 7 }, (_, index) => order('erp', String(index), company(`N${index}`, String(index)))))
    const names: (string | undefined)[] = []
    let cursor: string | undefined
    do {
      const page = await crm.parties.list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) })
      names.push(...page.items.map(({ name }) => name))
      cursor = page.next
    } while (cursor !== undefined)
    expect(names.sort()).toEqual(['N0', 'N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'Seller Ltd'])
  })
})
