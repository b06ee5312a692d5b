import { existsSync } from 'node:fs'
import { readConfig } from '../config.js'
import { exitCodes, hubFlags, parseWords, textFlag, usage, type Command, type ExitCode } from './command.js'
import { hubClient, printAnswer, type HubClient } from './hub-client.js'

export const rebuildCommand: Command = {
  usage: 'rebuild crm|warehouse',
  summary: 'Rebuilds a follower\'s database from the journal beside the live one, with progress, then switches. Opens the data folder itself when no hub runs.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, config: { type: 'string' } })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [follower] } = parsed.value
    if (follower !== 'crm' && follower !== 'warehouse') return usage(`Usage: chainhub ${rebuildCommand.usage}`)
    const hub = await runningHub(flags)
    return hub === undefined ? rebuildHere(flags, follower) : askHub(hub, follower)
  },
}

type Flags = Readonly<Record<string, string | boolean | undefined>>

/** The hub, if one answers. */
const runningHub = async (flags: Flags): Promise<HubClient | undefined> => {
  try {
    const hub = hubClient(flags)
    return (await hub.request('GET', '/health/live')).ok ? hub : undefined
  } catch {
    return undefined
  }
}

const askHub = async (hub: HubClient, follower: string): Promise<ExitCode> => {
  const answer = await hub.request('POST', `/rebuilds/${follower}`)
  if (!answer.ok || answer.body === null) return printAnswer(answer)
  let last = ''
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    process.stdout.write(chunk)
    last = chunk.trim().split('\n').at(-1) ?? last
  }
  return last.includes('"step":"done"') ? exitCodes.done : exitCodes.unreachable
}

const rebuildHere = async (flags: Flags, follower: 'crm' | 'warehouse'): Promise<ExitCode> => {
  if (textFlag(flags['url']) !== undefined) {
    console.error(`No hub answers at ${textFlag(flags['url']) ?? ''}.`)
    return exitCodes.unreachable
  }
  const data = textFlag(flags['data'])
  const file = textFlag(flags['config'])
  const config = readConfig({ ...(data === undefined ? {} : { data }), ...(file === undefined ? {} : { config: file }) })
  if (!config.ok) return usage(`${config.at}: ${config.detail}`)
  if (!existsSync(config.value.dataFolder)) return usage(`There is no data folder ${config.value.dataFolder}: say --data, or --url of a running hub.`)
  const { rebuildOffline } = await import('../compose/rebuild-offline.js')
  const rebuilt = await rebuildOffline(config.value, follower, (step) => { console.log(JSON.stringify(step)) })
  if (rebuilt.ok) {
    console.log(JSON.stringify({ step: 'done', follower }))
    return exitCodes.done
  }
  console.error(`${rebuilt.at === '' ? '' : `${rebuilt.at}: `}${rebuilt.detail}`)
  return exitCodes.unreachable
}
