import { exitCodes, hubFlags, parseWords, usage, type Command, type ExitCode } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

export const replayCommand: Command = {
  usage: 'replay ID…',
  summary: 'Sends messages through today\'s mapping again, under their own ids.',
  run: async (words) => {
    const parsed = parseWords(words, hubFlags, Infinity)
    if (!parsed.ok) return usage(parsed.detail)
    if (parsed.value.words.length === 0) return usage(`Usage: chainhub ${replayCommand.usage}`)
    return withHub(parsed.value.flags, async (hub) => {
      let worst: ExitCode = exitCodes.done
      for (const id of parsed.value.words) {
        const code = await printAnswer(await hub.request('POST', `/messages/${encodeURIComponent(id)}/replay`))
        if (code > worst) worst = code
      }
      return worst
    })
  },
}
