import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { projectFolder } from '../../../schemas/project-folder.js'
import { newIntake } from '../../fixtures/intake.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const order = await readFile(projectFolder('mappings', 'shop-csv', 'samples', 'order.csv'), 'utf8')
const [header = '', , first = ''] = order.split('\r\n')

describe('a channel of tables', () => {
  it('takes one with the Content-Type text/csv or none, and documents of its other languages beside', async () => {
    const { post, lineage } = await newIntake(postgres)
    const { messageId, outcome, documents } = await post(order, { channel: 'tables', contentType: 'text/csv' })
    expect({ outcome, documents }).toMatchObject({ outcome: 'accepted', documents: [{ kind: 'order', number: '0045001234', revision: 1 }] })
    const origins = await lineage(messageId)
    expect(origins.ok && origins.value.parts[0]?.lineage).toContainEqual({ target: 'lines[1].item.sellersNumber', source: 'line[2]/article', line: 4, column: 105, value: 'LED-0090' })
    expect(await post(`${order}\r\n`, { channel: 'tables', contentType: '' })).toMatchObject({ outcome: 'duplicate' })
    const json = await readFile(projectFolder('mappings', 'shop-json', 'samples', 'order.json'), 'utf8')
    expect(await post(json, { channel: 'tables', contentType: '' })).toMatchObject({ outcome: 'accepted', documents: [{ number: 'W-100245' }] })
  })

  it('makes a part of each document, and tells what is wrong with one where it stands', async () => {
    const { post } = await newIntake(postgres)
    const rows = [header, first.replace('0045001234', 'A1'), first.replace('0045001234', 'A2').replace('31.03.2026', '31.02.2026'), first.replace('0045001234', 'A1').replace(';20;', ';30;')]
    const { outcome, documents, errors } = await post(rows.join('\n'), { channel: 'tables', contentType: 'text/csv; charset=utf-8' })
    expect(outcome).toBe('partial')
    expect(documents).toMatchObject([{ number: 'A1' }])
    expect(errors.filter(({ severity }) => severity === undefined)).toMatchObject([{ code: 'value-invalid', at: 'part 2: 3:4 date' }])
  })

  it.each([
    ['a row that is cut', `${header}\n${first.slice(0, 40)}`, 'csv-not-well-formed', '2:38'],
    ['a quote that does not end', `${header}\n"${first}`, 'csv-not-well-formed', '2:1'],
    ['columns that nobody knows', 'a;b\n1;2', 'csv-not-well-formed', '1:1'],
    ['no rows', header, 'message-empty', '1:1'],
  ])('refuses a table with %s at its line and column', async (_what, body, code, at) => {
    const { post } = await newIntake(postgres)
    expect(await post(body, { channel: 'tables', contentType: 'text/csv' })).toMatchObject({ outcome: 'rejected', errors: [{ code, at }] })
  })

  it('is what a table needs: elsewhere it is told that it looks like one', async () => {
    const { post } = await newIntake(postgres)
    expect(await post(order, { channel: 'demo-json', contentType: 'text/csv' })).toMatchObject({ outcome: 'rejected', errors: [{ code: 'syntax-unknown', detail: expect.stringContaining('looks like CSV') as string }] })
  })
})
