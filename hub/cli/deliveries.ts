import { hubFlags, parseWords, textFlag, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

/** By the flags of the command: `--key` is the caller's own. */
const filters: Readonly<Record<string, string>> = { 'state': 'state', 'endpoint': 'endpoint', 'business-key': 'key', 'message': 'message', 'document': 'document', 'limit': 'limit', 'cursor': 'cursor' }

export const deliveriesCommand: Command = {
  usage: 'deliveries [ID] [--state waiting|parked|sent|skipped] [--endpoint ID] [--business-key KEY] [--message ID] [--document ID] [--limit N] [--cursor CURSOR]',
  summary: 'What goes out: lists deliveries, newest first, or shows one with every attempt.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, ...Object.fromEntries(Object.keys(filters).map((name) => [name, { type: 'string' } as const])) })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [id] } = parsed.value
    const query = new URLSearchParams()
    for (const [flag, name] of Object.entries(filters)) {
      const value = textFlag(flags[flag])
      if (value !== undefined) query.set(name, value)
    }
    return withHub(flags, async (hub) => printAnswer(await hub.request('GET', id === undefined ? `/deliveries?${query.toString()}` : `/deliveries/${encodeURIComponent(id)}`)))
  },
}
