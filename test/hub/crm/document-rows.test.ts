import { expect, it } from 'vitest'
import { documentRowsOf } from '../../../hub/crm/document-rows.js'
import type { DocumentId, MessageId } from '../../../schemas/ids.js'
import { company, invoice, line } from '../../warehouse/entries.js'

it('keeps a party once that two lines of one number name in the same role', () => {
  const shipTo = { parties: { shipTo: company('L1') } }
  const document = invoice('1', [line('1', '10', shipTo), line('1', '20', shipTo), line('2', '30', shipTo)])
  const { parties } = documentRowsOf({
    type: 'document.accepted', number: 7, recordedAt: '2026-11-02T08:00:00.000Z', messageId: 'm' as MessageId, documentId: 'd' as DocumentId, system: 'erp', channel: 'erp', test: false, revision: 1,
    replaces: undefined, document,
  }, 7)
  expect(parties.map(({ role, line: number, source_key }) => [role, number, source_key])).toEqual([
    ['buyer', '', 'erp/id:K1'], ['seller', '', 'erp/id:S1'], ['shipTo', '1', 'erp/id:L1'], ['shipTo', '2', 'erp/id:L1'],
  ])
})
