import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ThreadLedger } from '../../../hub/views/thread-ledger.js'
import type { ThreadView } from '../../../hub/views/thread-view.js'
import { company, documentOf, lineOf, pieces, refersTo } from '../../fixtures/documents.js'
import { startCrm, threadIdsOf, type Acceptance } from '../../fixtures/crm-journal.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const newCrm = async () => startCrm(await postgres.newDatabase())

const buyer = company('Käufer AG', 'K1', 'gln:5790000000012')
const seller = company('Seller Ltd', 'S1', 'gln:5790000000029')
/** The same two companies as the seller's system knows them. */
const buyerAtSeller = company('KAEUFER', 'C-9', 'gln:5790000000012')
const sellerAtSeller = company('Seller Ltd', 'gln:5790000000029')

const order = (number = '34', lines = [lineOf('1', 'A', '10'), lineOf('2', 'B', '5')], parties = { buyer, seller }): Acceptance =>
  ({ system: 'erp', document: documentOf('order', number, parties, lines) })

const fromSeller = (kind: Parameters<typeof documentOf>[0], number: string, lines: Parameters<typeof documentOf>[3], extra: Parameters<typeof documentOf>[4] = {}): Acceptance =>
  ({ system: 'scm', document: documentOf(kind, number, { buyer: buyerAtSeller, seller: sellerAtSeller }, lines, { issuedOn: '2026-11-05', ...extra }) })

const idOf = (acceptance: Acceptance) => threadIdsOf(acceptance)[0]

const units = (ledger: ThreadLedger, line: string) => {
  const found = ledger.lines.find((each) => each.line === line)
  return found === undefined ? undefined : Object.fromEntries(Object.entries(found).flatMap(([measure, value]) =>
    (Array.isArray(value) && value.length > 0 ? [[measure, (value as { value: string }[]).map((each) => each.value).join(' + ')]] : [])))
}

const wholeThread: readonly Acceptance[] = [
  order(),
  fromSeller('order-response', 'R1', [lineOf('1', 'A', '10'), lineOf('2', 'B', '4', { backordered: pieces('1') })], refersTo('order', '34')),
  fromSeller('despatch', 'D1', [lineOf('1', 'A', '10', refersTo('order', '34', { line: '1' })), lineOf('2', 'B', '4', refersTo('order', '34', { line: '2' }))], { ...refersTo('order', '34') }),
  { system: 'erp', document: documentOf('receipt', 'W1', { buyer, seller }, [lineOf('1', 'A', '10', { rejected: pieces('1'), ...refersTo('despatch', 'D1', { line: '1' }) })], { issuedOn: '2026-11-06', ...refersTo('despatch', 'D1') }) },
  fromSeller('invoice', 'I1', [lineOf('1', 'A', '10', refersTo('order', '34', { line: '1' })), lineOf('2', 'B', '4')], { issuedOn: '2026-11-07', ...refersTo('order', '34') }),
  fromSeller('credit-note', 'G1', [lineOf('1', 'A', '1', refersTo('invoice', 'I1', { line: '1' }))], { issuedOn: '2026-11-08', ...refersTo('invoice', 'I1') }),
]

/** What CRM holds, without journal numbers: documents, and which source records are one party. */
const content = async ({ database }: Awaited<ReturnType<typeof newCrm>>): Promise<unknown> => [
  await database.query('select document_id, system, kind, number, current, issuer_key, buyer_key, debtor_key, payable from trade_document order by document_id'),
  await database.query('select document_id, ordinal, reference_no, kind, number, issuer_key from trade_reference order by document_id, ordinal'),
  await database.query('select thread_id, issuer_key, kind, number from thread_anchor order by thread_id'),
  await database.query('select array_agg(key order by key) as one_party from source_record group by party_id order by 1'),
]

/** All that does not depend on which journal numbers documents got. */
const withoutPlace = ({ anchor, documents, lines, amounts, unassigned, missing, belongsTo }: ThreadView) =>
  ({ anchor, lines, amounts, unassigned, missing, belongsTo, documents: documents.map(({ issuer, ...document }) => ({ ...document, issuer: issuer.name })) })

describe('the thread view', () => {
  test('follows an order over two systems through to its credit note, line by line', async () => {
    const crm = await newCrm()
    await crm.take(...wholeThread)
    const view = await crm.thread(idOf(order()))
    expect(view.documents.map(({ kind }) => kind)).toEqual(['order', 'despatch', 'order-response', 'receipt', 'invoice', 'credit-note'])
    expect(units(view, '1')).toEqual({ ordered: '10', confirmed: '10', despatched: '10', received: '10', rejected: '1', invoiced: '10', credited: '1' })
    expect(units(view, '2')).toEqual({ ordered: '5', confirmed: '4', backordered: '1', despatched: '4', invoiced: '4' })
    expect(view.amounts).toEqual([{ currency: 'EUR', ordered: '150', invoiced: '140', credited: '10', open: '130' }])
    expect(view.missing).toEqual([])
    expect(view.journalSeq).toBe(crm.journal.entries.length)
  })

  test('is the same whatever order its documents came in', async () => {
    const straight = await newCrm()
    await straight.take(...wholeThread)
    const expected = withoutPlace(await straight.thread(idOf(order())))
    const expectedContent = await content(straight)
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
    console.log(`seed ${seed}`)
    await fc.assert(fc.asyncProperty(fc.shuffledSubarray([...wholeThread], { minLength: wholeThread.length }), fc.boolean(), async (shuffled, oneByOne) => {
      const crm = await newCrm()
      if (oneByOne) for (const each of shuffled) await crm.take(each)
      else await crm.take(...shuffled)
      for (const each of wholeThread) for (const id of threadIdsOf(each)) expect(withoutPlace(await crm.thread(id))).toEqual(expected)
      expect(await content(crm)).toEqual(expectedContent)
      await crm.database.close()
    }), { seed, numRuns: 12 })
  })

  test('of an invoice that came before its order says what is missing and shows the lines; the order completes it', async () => {
    const crm = await newCrm()
    const invoice = fromSeller('invoice', 'I1', [lineOf('1', 'A', '10', refersTo('order', '34', { line: '1' }))], refersTo('order', '34'))
    await crm.take(invoice)
    const early = await crm.thread(idOf(invoice))
    expect(early.missing).toEqual([{ kind: 'order', number: '34', why: 'referred to by invoice I1' }])
    expect(units(early, '1')).toEqual({ invoiced: '10' })
    await crm.take(order())
    const late = await crm.thread(idOf(order()))
    expect(late.threadId).toBe(idOf(invoice))
    expect(late.redirectedFrom).toBe(idOf(order()))
    expect(late.missing).toEqual([])
    expect(units(late, '1')).toEqual({ ordered: '10', invoiced: '10' })
  })

  test('counts of a collective invoice and a despatch over three orders only the lines of its own', async () => {
    const crm = await newCrm()
    const orders = ['34', '35', '36'].map((number, index) => order(number, [lineOf('1', 'A', String(10 + index))]))
    const lines = ['34', '35', '36'].map((number, index) => lineOf(String(index + 1), 'A', String(10 + index), refersTo('order', number, { line: '1' })))
    const despatch = fromSeller('despatch', 'D1', lines)
    const invoice = fromSeller('invoice', 'I1', lines.map((line, index) => ({ ...line, ...refersTo('despatch', 'D1', { line: String(index + 1) }) })))
    await crm.take(invoice, ...orders, despatch)
    expect(threadIdsOf(despatch)).toHaveLength(3)
    for (const [index, each] of orders.entries()) {
      const quantity = String(10 + index)
      const view = await crm.thread(idOf(each))
      expect(view.documents.map(({ number }) => number)).toEqual([each.document.number, 'D1', 'I1'])
      expect(view.lines).toHaveLength(1)
      expect(units(view, '1')).toEqual({ ordered: quantity, despatched: quantity, invoiced: quantity })
      expect(view.amounts).toMatchObject([{ invoiced: `${quantity}0` }])
    }
    const ofInvoice = await crm.thread(idOf(invoice))
    expect(ofInvoice.belongsTo).toHaveLength(3)
  })

  test('does not guess whose line it is when a document of two orders does not say', async () => {
    const crm = await newCrm()
    const invoice = fromSeller('invoice', 'I1', [lineOf('1', 'A', '10')], { references: [{ kind: 'order', number: '34' }, { kind: 'order', number: '35' }] })
    await crm.take(order('34'), order('35'), invoice)
    const view = await crm.thread(idOf(order('34')))
    expect(units(view, '1')).toEqual({ ordered: '10' })
    expect(view.unassigned).toMatchObject([{ line: '1' }])
  })

  test('adds up three partial despatches and cancels the rest', async () => {
    const crm = await newCrm()
    const hundred = order('34', [lineOf('1', 'A', '100')])
    const despatches = ['D1', 'D2', 'D3'].map((number) => fromSeller('despatch', number, [lineOf('1', 'A', '20.5')], refersTo('order', '34')))
    const cancellation: Acceptance = { system: 'erp', document: documentOf('order-change', 'C1', { buyer, seller }, [], { function: 'cancel', ...refersTo('order', '34') }) }
    await crm.take(cancellation, ...despatches, hundred)
    expect(units(await crm.thread(idOf(hundred)), '1')).toEqual({ ordered: '100', despatched: '61.5', cancelled: '38.5' })
  })

  test('applies order changes: a line stated anew, one deleted, one added', async () => {
    const crm = await newCrm()
    const change: Acceptance = {
      system: 'erp',
      document: documentOf('order-change', 'C1', { buyer, seller }, [lineOf('1', 'A', '8', { action: 'change' }), lineOf('2', 'B', '5', { action: 'delete' }), lineOf('3', 'C', '7', { action: 'add' })], { function: 'change', issuedOn: '2026-11-02', ...refersTo('order', '34') }),
    }
    await crm.take(order(), change)
    const view = await crm.thread(idOf(order()))
    expect(['1', '2', '3'].map((line) => units(view, line))).toEqual([{ ordered: '8' }, { ordered: '5', cancelled: '5' }, { ordered: '7' }])
    expect(view.amounts).toMatchObject([{ ordered: '200' }])
  })

  test('never mixes order 34 of two buyers, whether references name the buyer or not', async () => {
    const crm = await newCrm()
    const otherBuyer = company('Autre SA', 'K2', 'gln:5790000000036')
    const other = order('34', [lineOf('1', 'A', '3')], { buyer: otherBuyer, seller })
    const despatch = { system: 'scm', document: documentOf('despatch', 'D1', { seller: sellerAtSeller, shipTo: buyerAtSeller }, [lineOf('1', 'A', '10')], refersTo('order', '34')) }
    const unclear = { system: 'scm', document: documentOf('despatch', 'D2', { seller: sellerAtSeller }, [lineOf('1', 'A', '10')], refersTo('order', '34')) }
    await crm.take(despatch, other, order(), unclear)
    const mine = await crm.thread(idOf(order()))
    expect(mine.documents.map(({ number, kind }) => [kind, number])).toEqual([['despatch', 'D1'], ['order', '34']])
    expect(units(mine, '1')).toEqual({ ordered: '10', despatched: '10' })
    const theirs = await crm.thread(idOf(other))
    expect(theirs.documents.map(({ number, kind }) => [kind, number])).toEqual([['order', '34']])
    const left = await crm.thread(idOf(unclear))
    expect(left.documents).toHaveLength(1)
    expect(left.missing).toEqual([{ kind: 'order', number: '34', why: 'referred to by despatch D2', ambiguous: true }])
  })

  test('knows an order by the buyer\'s and by the seller\'s number', async () => {
    const crm = await newCrm()
    const response = fromSeller('order-response', 'R1', [lineOf('1', 'A', '10')], refersTo('order', '34', { counterpartNumber: 'SO-99' }))
    const despatch = fromSeller('despatch', 'D1', [lineOf('1', 'A', '10')], refersTo('order', 'SO-99', { issuer: { role: 'seller' } }))
    await crm.take(despatch, response, order())
    const view = await crm.thread(idOf(despatch))
    expect(view.documents.map(({ kind }) => kind)).toEqual(['order', 'despatch', 'order-response'])
    expect(units(view, '1')).toEqual({ ordered: '10', confirmed: '10', despatched: '10' })
    expect((await crm.thread(idOf(order()))).threadId).toBe(view.threadId)
    expect(view.missing).toEqual([])
  })

  test('counts only the revision in force, no copies and no tests, and a document that two systems sent once', async () => {
    const crm = await newCrm()
    const first = fromSeller('invoice', 'I1', [lineOf('1', 'A', '10')], refersTo('order', '34'))
    const [accepted] = await crm.take(order(), first).then((all) => all.slice(1))
    const corrected = fromSeller('invoice', 'I1', [lineOf('1', 'A', '9')], refersTo('order', '34'))
    const [second] = await crm.take({ ...corrected, revision: 2, replaces: accepted?.documentId })
    const copy = { ...corrected.document, function: 'copy' } as typeof corrected.document
    const [third] = await crm.take({ ...corrected, document: copy, revision: 3, replaces: second?.documentId })
    await crm.take({ ...fromSeller('despatch', 'D1', [lineOf('1', 'A', '10')], refersTo('order', '34')), test: true }, { ...order(), system: 'wms' })
    const view = await crm.thread(idOf(order()))
    expect(units(view, '1')).toEqual({ ordered: '10', invoiced: '9' })
    expect(view.documents.filter(({ kind }) => kind === 'invoice').map(({ revision, current, counted }) => [revision, current, counted])).toEqual([[1, false, false], [2, true, true], [3, true, false]])
    expect(view.documents.find(({ kind }) => kind === 'despatch')).toMatchObject({ test: true, counted: false })
    await crm.take({ ...fromSeller('invoice', 'I1', [lineOf('1', 'A', '7')], refersTo('order', '34')), revision: 4, replaces: third?.documentId })
    expect(units(await crm.thread(idOf(order())), '1')).toEqual({ ordered: '10', invoiced: '7' })
  })

  test('joins when a late GLN makes two buyers one', async () => {
    const crm = await newCrm()
    const nameless = company('Kaeufer', 'C-9')
    const invoice: Acceptance = { system: 'scm', document: documentOf('invoice', 'I1', { buyer: nameless, seller: company('Ich', 'me') }, [lineOf('1', 'A', '10')], refersTo('order', '34')) }
    await crm.take(order(), invoice)
    expect((await crm.thread(idOf(order()))).documents).toHaveLength(1)
    await crm.take({ system: 'scm', document: { kind: 'party', number: 'C-9', function: 'original', party: company('Kaeufer', 'gln:5790000000012') } })
    const view = await crm.thread(idOf(order()))
    expect(units(view, '1')).toEqual({ ordered: '10', invoiced: '10' })
    expect(view.missing).toEqual([])
  })

  test('lists contracts and quotations that are not here', async () => {
    const crm = await newCrm()
    const called = { system: 'erp', document: documentOf('order', '34', { buyer, seller }, [lineOf('1', 'A', '1')], refersTo('contract', 'V-7')) }
    await crm.take(called)
    expect((await crm.thread(idOf(called))).missing).toEqual([{ kind: 'contract', number: 'V-7', why: 'referred to by order 34' }])
  })

  const takeShuffled = async (documents: readonly Acceptance[], check: (crm: Awaited<ReturnType<typeof newCrm>>) => Promise<void>): Promise<void> => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
    console.log(`seed ${seed}`)
    await fc.assert(fc.asyncProperty(fc.shuffledSubarray([...documents], { minLength: documents.length }), fc.boolean(), async (shuffled, oneByOne) => {
      const crm = await newCrm()
      if (oneByOne) for (const each of shuffled) await crm.take(each)
      else await crm.take(...shuffled)
      await check(crm)
      await crm.database.close()
    }), { seed, numRuns: 8 })
  }

  test('holds a despatch that names no order and that a receipt or an invoice of the order names, whatever order they came in', async () => {
    const despatch = fromSeller('despatch', 'D1', [{ number: '10', quantity: pieces('6') }, lineOf('20', 'B', '5')])
    const before = fromSeller('despatch', 'D0', [lineOf('1', 'A', '4')])
    const receipt: Acceptance = {
      system: 'erp', document: documentOf('receipt', 'W1', { buyer, seller }, [lineOf('1', 'A', '6', { references: [{ kind: 'order', number: '34', line: '1' }, { kind: 'despatch', number: 'D1', line: '10' }] })], { issuedOn: '2026-11-06' }),
    }
    const between: Acceptance = { system: 'erp', document: documentOf('receipt', 'W0', { buyer, seller }, [lineOf('1', 'A', '4')], { issuedOn: '2026-11-06', ...refersTo('despatch', 'D0') }) }
    const invoice = fromSeller('invoice', 'I1', [lineOf('1', 'A', '4', refersTo('order', '34', { line: '1' }))], { issuedOn: '2026-11-07', references: [{ kind: 'order', number: '34' }, { kind: 'receipt', number: 'W0' }] })
    const all = [order(), despatch, before, receipt, between, invoice]
    await takeShuffled(all, async (crm) => {
      for (const each of all) {
        const view = await crm.thread(idOf(each))
        expect(view.documents.map(({ number }) => number).sort()).toEqual(['34', 'D0', 'D1', 'I1', 'W0', 'W1'])
        expect(units(view, '1')).toEqual({ ordered: '10', despatched: '10', received: '10', invoiced: '4' })
        expect(units(view, '2')).toEqual({ ordered: '5', despatched: '5' })
        expect(view).toMatchObject({ missing: [], unassigned: [], anchor: { kind: 'order', number: '34' } })
      }
    })
  })

  test('of two orders each hold a despatch that names neither, with the lines that their receipts say are theirs', async () => {
    const despatch = fromSeller('despatch', 'D1', [lineOf('1', 'A', '10'), lineOf('2', 'A', '7'), lineOf('3', 'C', '1')])
    const receipt = (number: string, orderNumber: string, line: string, quantity: string): Acceptance => ({
      system: 'erp', document: documentOf('receipt', number, { buyer, seller }, [lineOf('1', 'A', quantity, refersTo('despatch', 'D1', { line }))], { issuedOn: '2026-11-06', ...refersTo('order', orderNumber) }),
    })
    const orders = [order('34', [lineOf('1', 'A', '10')]), order('35', [lineOf('1', 'A', '7')])]
    await takeShuffled([...orders, despatch, receipt('W1', '34', '1', '10'), receipt('W2', '35', '2', '7')], async (crm) => {
      for (const [index, quantity] of ['10', '7'].entries()) {
        const each = orders[index]
        if (each === undefined) throw new Error('There are two orders.')
        const view = await crm.thread(idOf(each))
        expect(units(view, '1')).toEqual({ ordered: quantity, despatched: quantity, received: quantity })
        expect(view.unassigned.map(({ line }) => line)).toContain('3')
      }
      expect((await crm.thread(idOf(despatch))).belongsTo).toHaveLength(2)
    })
  })

  test('does not take a real despatch in because a test receipt names it', async () => {
    const crm = await newCrm()
    const despatch = fromSeller('despatch', 'D1', [lineOf('1', 'A', '10')])
    const receipt: Acceptance = { system: 'erp', test: true, document: documentOf('receipt', 'W1', { buyer, seller }, [lineOf('1', 'A', '10', refersTo('despatch', 'D1', { line: '1' }))], refersTo('order', '34')) }
    await crm.take(order(), despatch, receipt)
    expect((await crm.thread(idOf(order()))).documents.map(({ number }) => number)).toEqual(['34', 'W1'])
    expect(await crm.thread(idOf(despatch))).toMatchObject({ anchor: { kind: 'despatch', number: 'D1' }, lines: [{ despatched: [{ value: '10' }], received: [] }] })
  })

  test('has a row for each sub-line, whose amounts are within those of its line', async () => {
    const crm = await newCrm()
    const kit = order('34', [lineOf('1', 'KIT', '2', { subLines: [lineOf('1.1', 'A', '4'), lineOf('1.2', 'B', '6')] }), lineOf('2', 'C', '3', { subLines: [lineOf('1', 'D', '9')] })])
    const despatch = fromSeller('despatch', 'D1', [lineOf('1', 'A', '4', refersTo('order', '34', { line: '1.1' })), lineOf('2', 'B', '5', refersTo('order', '34', { line: '1.2' })), lineOf('3', 'D', '9')], refersTo('order', '34'))
    await crm.take(kit, despatch)
    const view = await crm.thread(idOf(kit))
    expect(view.lines.map(({ line }) => line)).toEqual(['1', '2', '1.1', '1.2', '2/1'])
    expect(['1', '1.1', '1.2', '2/1'].map((line) => units(view, line))).toEqual([{ ordered: '2' }, { ordered: '4', despatched: '4' }, { ordered: '6', despatched: '5' }, { ordered: '9', despatched: '9' }])
    expect(view.amounts).toMatchObject([{ ordered: '50' }])
  })

  test('of an id that nothing belongs to is not found', async () => {
    const crm = await newCrm()
    expect(await crm.threadResult('11111111-1111-8111-8111-111111111111')).toMatchObject({ ok: false, code: 'not-found' })
    expect(await crm.threadResult('x')).toMatchObject({ ok: false, code: 'not-found' })
  })
})

