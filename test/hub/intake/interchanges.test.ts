import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { projectFolder } from '../../../schemas/project-folder.js'
import { newIntake } from '../../fixtures/intake.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const edifact = await readFile(projectFolder('mappings', 'edifact', 'samples', 'order.edi'), 'latin1')
const x12 = await readFile(projectFolder('mappings', 'x12', 'samples', 'order.edi'), 'utf8')

const between = (text: string, first: string, last: string): string => text.slice(text.indexOf(first), text.indexOf(last))
const message = between(edifact, 'UNH+', 'UNZ+')
const renamed = (number: string, reference: string): string => message.replace('PO-2026-0815', number).replaceAll('M1', reference)
const interchange = (...messages: readonly string[]): string => `${between(edifact, 'UNA', 'UNH+')}${messages.join('')}UNZ+${messages.length}+REF0815'\n`

const intake = async () => {
  const { post, ...rest } = await newIntake(postgres)
  return { ...rest, post, send: (body: string, contentType = '') => post(Buffer.from(body, 'latin1'), { channel: 'edi', contentType }) }
}

describe('a channel of interchanges', () => {
  it('takes EDIFACT and X12, whatever their Content-Type, in the character repertoire that UNB names', async () => {
    const { send, lineage } = await intake()
    const { messageId, ...answer } = await send(edifact, 'application/EDIFACT')
    expect(answer).toMatchObject({ outcome: 'accepted', documents: [{ kind: 'order', number: 'PO-2026-0815', revision: 1 }], errors: [] })
    const origins = await lineage(messageId)
    expect(origins.ok && origins.value.parts[0]?.lineage).toContainEqual({ target: 'lines[1].quantity.value', source: 'line[2]/QTY[C186/6063=21]/C186/6060', line: 29, column: 8, value: '10.5' })
    expect(origins.ok && origins.value.parts[0]?.lineage).toContainEqual(expect.objectContaining({ target: 'lines[1].item.names[0].value' }))
    expect(await send(x12, 'application/EDI-X12')).toMatchObject({ outcome: 'accepted', documents: [{ number: 'PO-2026-0815' }] })
    expect(await send(x12.replace('*000000815*', '*000000816*').replace('IEA*1*000000815', 'IEA*1*000000816'))).toMatchObject({ outcome: 'duplicate' })
    expect(await send(edifact.replaceAll('REF0815', 'REF0816').replaceAll('M1', 'M2').replace('\r\n', '\n'))).toMatchObject({ outcome: 'duplicate' })
  })

  it('makes a part of each message, and tells what is wrong with one where it stands', async () => {
    const { send } = await intake()
    const body = interchange(renamed('A1', 'X1'), renamed('A2', 'X2').replace('20260331:102', '20260231:102'), renamed('A3', 'X3').replace('UNT+33', 'UNT+32'), renamed('A4', 'X4').replace('ORDERS:D', 'DESADV:D'), renamed('A5', 'X5'))
    expect(await send(body)).toMatchObject({
      outcome: 'partial', documents: [{ number: 'A1' }, { number: 'A5' }],
      parts: [
        { part: 1, outcome: 'accepted' },
        { part: 2, outcome: 'rejected', errors: [{ code: 'value-invalid', at: '38:5 DTM[C507/2005=137]/C507' }] },
        { part: 3, outcome: 'rejected', errors: [{ code: 'envelope-invalid', at: expect.stringMatching(/^\d+:1$/) as unknown, detail: expect.stringContaining('UNT counts "32" segments; there are 33') as unknown }] },
        { part: 4, outcome: 'rejected', errors: [{ code: 'format-unknown', detail: expect.stringContaining('A message of the type "DESADV"') as unknown }] },
        { part: 5, outcome: 'accepted' },
      ],
    })
  })

  it.each([
    ['is cut', edifact.slice(0, 900), 'segments-not-well-formed'],
    ['lacks its end', edifact.slice(0, edifact.indexOf('UNZ+')), 'envelope-invalid'],
    ['counts otherwise', interchange(message).replace('UNZ+1', 'UNZ+2'), 'envelope-invalid'],
  ])('refuses an interchange that %s as a whole', async (_what, body, code) => {
    const { send } = await intake()
    expect(await send(body)).toMatchObject({ outcome: 'rejected', documents: [], errors: [{ code, at: expect.stringMatching(/^\d+:\d+$/) as unknown }] })
  })

  it('tells what is wrong with a message whatever its envelope is called', async () => {
    const { send } = await intake()
    const body = interchange(message.replace('20260331:102', '20260231:102')).replace(':14+9520000002053', `\0:14+${'9'.repeat(1_000_000)}`)
    const { outcome, errors } = await send(body)
    expect({ outcome, first: errors[0]?.code, at: errors[0]?.at }).toEqual({ outcome: 'rejected', first: 'value-invalid', at: '5:5 DTM[C507/2005=137]/C507' })
  })

  it('takes no cancellation for an order', async () => {
    const { send } = await intake()
    expect(await send(edifact.replace("PO-2026-0815+9'", "PO-2026-0815+1'"))).toMatchObject({ outcome: 'rejected', errors: [{ code: 'format-unknown' }] })
  })

  it('is what an interchange needs: elsewhere it is told that it is one', async () => {
    const { post } = await newIntake(postgres)
    expect(await post(edifact, { channel: 'tables', contentType: 'application/EDIFACT' })).toMatchObject({ outcome: 'rejected', errors: [{ code: 'csv-not-well-formed' }] })
    expect(await post(edifact, { channel: 'demo-json', contentType: '' })).toMatchObject({ outcome: 'rejected', errors: [{ code: 'syntax-unknown', detail: expect.stringContaining('is a UN/EDIFACT interchange') as unknown }] })
  })
})
