import { readFile } from 'node:fs/promises'
import type { Received } from '../connectors/contract.js'
import { projectFolder } from '../schemas/project-folder.js'
import type { MessageAnswer } from '../schemas/message-answer.js'
import type { Result } from '../schemas/result.js'
import type { Wish } from './delivery/wish.js'

/** The demo chain: one thread from order to invoice over UBL, then the same customer's orders as three other systems know it. */
const demoDocuments: readonly { readonly channel: string, readonly file: readonly string[], readonly contentType: string }[] = [
  ...['order', 'order-response', 'despatch-advice', 'receipt-advice', 'invoice'].map((name) => ({ channel: 'demo-ubl', file: ['ubl', 'samples', `${name}.xml`], contentType: 'application/xml' })),
  { channel: 'demo-json', file: ['shop-json', 'samples', 'order.json'], contentType: 'application/json' },
  { channel: 'demo-soap', file: ['ubl', 'samples', 'order-soap.xml'], contentType: 'application/xml' },
  { channel: 'demo-ubl-gb18030', file: ['ubl', 'samples', 'order-gb18030.xml'], contentType: 'application/xml' },
]

/** What comes with the receipt advice. */
const damage = { name: 'damage.txt', contentType: 'text/plain; charset=utf-8', bytes: Buffer.from('One panel of line 1 is broken at a corner.\n', 'utf8') }

/** Its orders and invoices go into a folder as a shop's JSON. Of despatches that shop knows nothing: theirs is parked, for somebody to look at. */
export const demoSubscription = { id: 'demo-sales', wish: { endpoint: 'demo-folder', kinds: ['order', 'invoice', 'despatch'], channels: ['demo-ubl'] } } satisfies { readonly id: string, readonly wish: Wish }

/** Sends the demo chain; a hub that has it already answers `duplicate` and stays as it is. */
export const sendDemo = async (send: (received: Omit<Received, 'credentials'>) => Promise<Result<MessageAnswer>>, tell: (line: string) => void): Promise<void> => {
  for (const { channel, file, contentType } of demoDocuments) {
    const body = await readFile(projectFolder('mappings', ...file))
    const attachments = file.includes('receipt-advice.xml') ? [damage] : []
    const answer = await send({ channel, body, attachments, contentType, contentEncoding: undefined, idempotencyKey: undefined, wait: { followers: ['crm', 'warehouse'], timeoutMs: 10_000 } })
    tell(`  demo       ${file.join('/')}: ${answer.ok ? answer.value.outcome : `${answer.code} ${answer.detail}`}`)
  }
}
