import { expect } from 'vitest'
import type { RunningHub } from '../fixtures/hub.js'
import type { Check } from './check.js'
import { deliveriesAreWhatWasAsked } from './delivery-check.js'
import { centralRows } from './fleet.js'
import { untilTrue } from './processes.js'
import { topicsAreTheJournal } from './topic-check.js'

const unitPrice = 25

/** What is answered once somebody keeps the follower and has time to answer: on a busy machine it may be late. */
const insist = async (ask: () => Promise<Response>): Promise<string> => {
  let last = ''
  await untilTrue('it was answered', async () => {
    const answer = await ask()
    last = await answer.text()
    return answer.status !== 503
  })
  return last
}

const digest = (hub: RunningHub, follower: string): Promise<string> => insist(() => hub.request('GET', `/digests/${follower}`))

const rebuild = async (hub: RunningHub, follower: string): Promise<void> => {
  const lines = (await (await hub.request('POST', `/rebuilds/${follower}`)).text()).trim().split('\n')
  expect(lines.at(-1)).toContain('"step":"done"')
}

const acknowledgedIsCommitted: Check = {
  name: 'has all that it acknowledged, each document once in each revision',
  run: async (fleet, record) => {
    const named = (kind: string, number: string, revision: number, id: string, message: string): string => [kind, number, revision, id, message].join(' ')
    const stored = await centralRows<{ kind: string, number: string, revision: number, id: string, message_id: string }>(fleet.postgres, 'select kind, number, revision, id, message_id from document')
    expect(stored.map((row) => named(row.kind, row.number, row.revision, row.id, row.message_id)).sort())
      .toEqual(record.acknowledged.map((one) => named(one.kind, one.number, one.revision, one.documentId, one.messageId)).sort())
    expect(await centralRows(fleet.postgres, 'select sender, kind, number, revision from document group by sender, kind, number, revision having count(*) > 1')).toEqual([])
    expect(await centralRows(fleet.postgres, 'select id from document where (select count(*) from journal where journal.document_id = document.id) <> 1')).toEqual([])
    expect(await centralRows(fleet.postgres, 'select id from message where not exists (select from document where document.message_id = message.id)')).toEqual([])
  },
}

const journalIsGapless: Check = {
  name: 'numbered its journal without a gap, and entered each decision once',
  run: async (fleet) => {
    expect(await centralRows(fleet.postgres, 'select (select number from journal_head) = count(*) and count(*) = max(number) and min(number) = 1 as gapless from journal')).toEqual([{ gapless: true }])
    expect(await centralRows(fleet.postgres, 'select follower, cause, ordinal from journal where cause is not null group by follower, cause, ordinal having count(*) > 1')).toEqual([])
  },
}

const figuresAreRight: Check = {
  name: 'counts each invoice once, in its last revision',
  run: async (fleet, record) => {
    const last = new Map(record.acknowledged.filter(({ kind }) => kind === 'invoice').map(({ number, quantity }) => [number, quantity]))
    const asked = { body: JSON.stringify({ rows: [], measures: ['revenue', 'invoices'] }), headers: { 'content-type': 'application/json' } }
    const { cells: [cell] } = JSON.parse(await insist(() => fleet.web.hub().request('POST', '/cubes/sales/query', asked))) as { readonly cells: readonly object[] }
    expect(cell).toMatchObject({ revenue: String([...last.values()].reduce((sum, quantity) => sum + quantity * unitPrice, 0)), invoices: last.size })
  },
}

const followersEqualAReplay: Check = {
  name: 'has in CRM and warehouse what a process has that replays the journal in peace',
  run: async (fleet) => {
    const web = fleet.web.hub()
    const before = { crm: await digest(web, 'crm'), warehouse: await digest(web, 'warehouse') }
    for (const follower of fleet.followers) await follower.stop('SIGTERM')
    // Its warehouse is empty and follows the journal from its beginning; the CRM database is rebuilt.
    await fleet.join('followers-in-peace', 'followers,deliveries')
    await fleet.caughtUp()
    expect(await digest(web, 'warehouse')).toBe(before.warehouse)
    await rebuild(web, 'crm')
    expect(await digest(web, 'crm')).toBe(before.crm)
  },
}

/** In this order: the last one ends the processes that were under fire. */
export const checks: readonly Check[] = [acknowledgedIsCommitted, journalIsGapless, figuresAreRight, deliveriesAreWhatWasAsked, topicsAreTheJournal, followersEqualAReplay]
