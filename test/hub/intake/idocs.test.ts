import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { entriesAfter } from '../../../hub/central/journal.js'
import { readMessage } from '../../../hub/intake/read-message.js'
import { newIntake } from '../../fixtures/intake.js'
import { startPostgres } from '../../fixtures/postgres.js'
import { projectFolder } from '../../../schemas/project-folder.js'

const postgres = await startPostgres()
const sample = (name: string): string => readFileSync(projectFolder('mappings', 'idoc', 'samples', name), 'utf8')
const order = sample('order.xml')
const idocOf = (text: string): string => /<IDOC[^]*<\/IDOC>/.exec(text)?.[0] ?? ''
const file = (...idocs: readonly string[]): string => `<ORDERS05>${idocs.join('')}</ORDERS05>`
const field = (text: string, name: string, value: string): string => text.replace(new RegExp(`<${name}>[^<]*</${name}>`), `<${name}>${value}</${name}>`)
const numbered = (number: string): string => idocOf(order).replaceAll('4500000815', number)

const intake = async () => {
  const { post, ...rest } = await newIntake(postgres)
  return { ...rest, send: (body: string) => post(body, { channel: 'demo-idoc' }) }
}

describe('a file of IDocs', () => {
  it('is one part for each, with the number and the partners of its control record', async () => {
    const read = await readMessage({ bytes: Buffer.from(file(numbered('1'), field(numbered('2'), 'DOCNUM', '0000000000000777'))), contentType: '', contentEncoding: undefined }, { maxExpandedBytes: 1_000_000 })
    expect(read).toMatchObject({ ok: true, value: [
      { head: { controlNumber: '0000000000146002', sender: '0010300099', receiver: 'CHAINHUB', test: false } },
      { head: { controlNumber: '0000000000000777' } },
    ] })
  })

  it('whose second is bad is taken in part, the good one whole and the bad one told where', async () => {
    const { send } = await intake()
    const answer = await send(file(numbered('4500000001'), field(numbered('4500000002'), 'CURCY', 'Euro')))
    expect(answer).toMatchObject({
      outcome: 'partial', documents: [{ kind: 'order', number: '4500000001' }],
      parts: [{ part: 1, outcome: 'accepted' }, { part: 2, outcome: 'rejected', documents: [], errors: [{ code: 'value-invalid', at: expect.stringMatching(/^\d+:\d+ IDOC\/E1EDK01\/CURCY$/) as unknown }] }],
    })
  })

  it('of an extension is known by its control record, whatever its root is named', async () => {
    const { send } = await intake()
    expect(await send(`<YM_ORDERS05>${idocOf(order)}</YM_ORDERS05>`)).toMatchObject({ outcome: 'accepted', documents: [{ kind: 'order', number: '4500000815' }] })
  })

  it('of a kind that is not taken is refused by what it is', async () => {
    const { send } = await intake()
    expect(await send(field(order, 'MESTYP', 'WMMBXY'))).toMatchObject({ outcome: 'rejected', errors: [{ code: 'format-unknown', detail: expect.stringContaining('ORDERS05 without a namespace with IDOC/EDI_DC40/MESTYP WMMBXY') as unknown }] })
  })
})

describe('an order as an IDoc', () => {
  it('that comes again under a new control number is a duplicate', async () => {
    const { send } = await intake()
    expect(await send(order)).toMatchObject({ outcome: 'accepted' })
    const again = ['DOCNUM:0000000000999999', 'CREDAT:20260306', 'CRETIM:235959', 'SERIAL:20260306235958'].reduce((text, one) => field(text, ...one.split(':') as [string, string]), order)
    expect(again).not.toBe(order)
    expect(await send(again)).toMatchObject({ outcome: 'duplicate', documents: [{ number: '4500000815', revision: 1 }] })
    expect(await send(field(again, 'MENGE', '1300.000'))).toMatchObject({ outcome: 'accepted', documents: [{ revision: 2 }] })
  })

  it('is the same collapsed, indented and with white space around its values', async () => {
    const { send } = await intake()
    await send(order)
    const collapsed = order.replace(/>\s+</g, '><')
    expect(await send(collapsed)).toMatchObject({ outcome: 'duplicate' })
    expect(await send(collapsed.replace(/<(\w+)>([^<]+)<\/\1>/g, '<$1>\n      $2\n   </$1>'))).toMatchObject({ outcome: 'duplicate' })
  })

  it('is a test where its control record says so', async () => {
    const { send, database } = await intake()
    await send(order.replace('<IDOCTYP>', '<TEST>X</TEST><IDOCTYP>'))
    expect(await entriesAfter(database, 0, 9)).toMatchObject([{ type: 'document.accepted', test: true }])
  })
})
