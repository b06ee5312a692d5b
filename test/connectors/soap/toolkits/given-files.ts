import { readFile } from 'node:fs/promises'
import { projectFolder } from '../../../../schemas/project-folder.js'
import { ublOrder } from '../../../fixtures/ubl-documents.js'

/** What is pinged: two spaces, a character beyond the BMP, markup, a line break and what looks like one escaped. */
export const pingMessage = 'hé  订 𠮷 <&> "00045"\n]]> \\n 10.10'

/** The files that the clients send, for an order of this number: zeros in front, decimals that end in one, Chinese text, CDATA. */
export const givenFiles = async (number: string): Promise<Readonly<Record<'message.txt' | 'order.xml' | 'rejected.xml' | 'order.json', string>>> => {
  const order = ublOrder({ number, note: '十 10.10 &amp; 00045\n  <![CDATA[<b> & ]]>𠮷' })
  const rejected = ublOrder({ number: `9${number.slice(1)}` }).replace('2026-03-05', '2026-02-30').replace('250.00</cbc:PayableAmount>', '十</cbc:PayableAmount>')
  const json = await readFile(projectFolder('mappings', 'shop-json', 'samples', 'order.json'), 'utf8')
  return {
    'message.txt': pingMessage,
    'order.xml': order.replaceAll('250.00<', '10.10<').replaceAll('>25.00<', '>1.01<'),
    'rejected.xml': rejected,
    'order.json': json.replace('W-100245', `W${number}`),
  }
}

/** A JSON array of two orders, the second without lines. */
export const batchOfTwo = async (): Promise<string> => {
  const good = await readFile(projectFolder('mappings', 'shop-json', 'samples', 'order.json'), 'utf8')
  return `[${good},${good.replace(/"items": \[[^]*?\n {2}\]/, '"items": []')}]`
}
