import { exitCodes, hubFlags, parseWords, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

const databases = ['central', 'crm', 'warehouse'] as const

export const digestCommand: Command = {
  usage: 'digest [central|crm|warehouse]',
  summary: 'A hash over all rows in key order: two hubs with the same journal print the same.',
  run: async (words) => {
    const parsed = parseWords(words, hubFlags, databases.length)
    if (!parsed.ok) return usage(parsed.detail)
    const wished = parsed.value.words
    const wrong = wished.find((name) => !databases.some((database) => database === name))
    if (wrong !== undefined) return usage(`There is no database '${wrong}': say ${databases.join(', ')}.`)
    return withHub(parsed.value.flags, async (hub) => {
      for (const database of wished.length === 0 ? databases : wished) {
        const answer = await hub.request('GET', `/digests/${database}`)
        if (!answer.ok) return printAnswer(answer)
        const { digest, journalSeq } = await answer.json() as { readonly digest: string, readonly journalSeq: number }
        console.log(`${database.padEnd(9)} ${digest}  at journal number ${journalSeq}`)
      }
      return exitCodes.done
    })
  },
}
