import { parseWords, textFlags, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'
import { listFlags, showList, type ListColumns } from './print-list.js'

export const parkedCommand: Command = {
  usage: 'parked [--follower crm|deliveries|warehouse] [--state parked|held|skipped] [--limit N] [--cursor CURSOR] [--json]  ·  parked retry|skip crm|deliveries|warehouse ENTRY',
  summary: 'Lists the documents that a follower\'s database refused, and those that wait for them; follows one once more, or leaves it out for good.',
  run: async (words) => {
    const parsed = parseWords(words, { ...listFlags, follower: { type: 'string' }, state: { type: 'string' } }, 3)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [action, follower, entry] } = parsed.value
    if (action === undefined) return showList(flags, '/parked', columns, textFlags(flags, ['follower', 'state']))
    if ((action !== 'retry' && action !== 'skip') || follower === undefined || entry === undefined) return usage(`Usage: chainhub ${parkedCommand.usage}`)
    return withHub(flags, async (hub) => printAnswer(await hub.request('POST', `/parked/${encodeURIComponent(follower)}/${encodeURIComponent(entry)}/${action}`)))
  },
}

interface Listed {
  readonly follower: string
  readonly entry: number
  readonly state: string
  readonly cause: string | null
  readonly detail: string | null
  readonly heldBy: number | null
  readonly holds: number
  readonly system: string | null
  readonly kind: string | null
  readonly number: string | null
}

const columns: ListColumns<Listed> = {
  titles: ['follower', 'entry', 'state', 'holds', 'system', 'document', 'why'],
  rowOf: ({ follower, entry, state, cause, detail, heldBy, holds, system, kind, number }) => [
    follower, String(entry), state, String(holds), system ?? '', [kind, number].filter((part) => part !== null).join(' '), heldBy === null ? [cause, detail].filter((part) => part !== null).join(': ') : `waits for ${heldBy}`,
  ],
  none: 'Nothing is parked.',
}
