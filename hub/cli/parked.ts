import { hubFlags, parseWords, textFlag, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

export const parkedCommand: Command = {
  usage: 'parked [retry|skip ENTRY] [--state parked|held|skipped] [--limit N] [--cursor CURSOR]',
  summary: 'Lists the documents that the CRM database refused, and those that wait for them; follows one once more, or leaves it out for good.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, state: { type: 'string' }, limit: { type: 'string' }, cursor: { type: 'string' } }, 2)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [action, entry] } = parsed.value
    if (action === undefined) {
      const query = new URLSearchParams(Object.fromEntries(['state', 'limit', 'cursor'].flatMap((name) => {
        const value = textFlag(flags[name])
        return value === undefined ? [] : [[name, value]]
      })))
      return withHub(flags, async (hub) => printAnswer(await hub.request('GET', `/parked?${query.toString()}`)))
    }
    if ((action !== 'retry' && action !== 'skip') || entry === undefined) return usage(`Usage: chainhub ${parkedCommand.usage}`)
    return withHub(flags, async (hub) => printAnswer(await hub.request('POST', `/parked/${encodeURIComponent(entry)}/${action}`)))
  },
}
