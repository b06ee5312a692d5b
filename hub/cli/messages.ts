import { hubFlags, parseWords, textFlag, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

export const messagesCommand: Command = {
  usage: 'messages [ID] [--outcome accepted|partial|rejected] [--channel ID] [--since DATE] [--limit N] [--cursor CURSOR]',
  summary: 'The message browser: lists messages, newest first, or shows one.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, outcome: { type: 'string' }, channel: { type: 'string' }, since: { type: 'string' }, limit: { type: 'string' }, cursor: { type: 'string' } })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [id] } = parsed.value
    const query = new URLSearchParams()
    for (const name of ['outcome', 'channel', 'since', 'limit', 'cursor']) {
      const value = textFlag(flags[name])
      if (value !== undefined) query.set(name, value)
    }
    return withHub(flags, async (hub) => printAnswer(await hub.request('GET', id === undefined ? `/messages?${query.toString()}` : `/messages/${encodeURIComponent(id)}`)))
  },
}
