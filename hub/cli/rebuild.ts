import { exitCodes, hubFlags, parseWords, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

export const rebuildCommand: Command = {
  usage: 'rebuild crm|warehouse',
  summary: 'Rebuilds a follower\'s database from the journal beside the live one, with progress, then switches.',
  run: async (words) => {
    const parsed = parseWords(words, hubFlags)
    if (!parsed.ok) return usage(parsed.detail)
    const follower = parsed.value.words[0]
    if (follower !== 'crm' && follower !== 'warehouse') return usage(`Usage: chainhub ${rebuildCommand.usage}`)
    return withHub(parsed.value.flags, async (hub) => {
      const answer = await hub.request('POST', `/rebuilds/${follower}`)
      if (!answer.ok || answer.body === null) return printAnswer(answer)
      let last = ''
      for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
        process.stdout.write(chunk)
        last = chunk.trim().split('\n').at(-1) ?? last
      }
      return last.includes('"step":"done"') ? exitCodes.done : exitCodes.unreachable
    })
  },
}
