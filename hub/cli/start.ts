import { readConfig } from '../config.js'
import { exitCodes, parseWords, textFlag, usage, type Command } from './command.js'

export const startCommand: Command = {
  usage: 'start [--port 8080] [--data ./data] [--config FILE] [--mappings DIR] [--roles all] [--demo]',
  summary: 'Starts the hub; on first start creates the databases and prints an admin key, once.',
  run: async (words) => {
    const parsed = parseWords(words, { port: { type: 'string' }, data: { type: 'string' }, config: { type: 'string' }, mappings: { type: 'string' }, roles: { type: 'string' }, demo: { type: 'boolean' } }, 0)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags } = parsed.value
    if ((textFlag(flags['roles']) ?? 'all') !== 'all') return usage('--roles: this version runs all roles in one process; say `all` or leave it out.')
    const port = textFlag(flags['port'])
    const data = textFlag(flags['data'])
    const file = textFlag(flags['config'])
    const mappings = textFlag(flags['mappings'])
    const config = readConfig({ ...(port === undefined ? {} : { port }), ...(data === undefined ? {} : { data }), ...(file === undefined ? {} : { config: file }), ...(mappings === undefined ? {} : { mappings }) })
    if (!config.ok) return usage(`${config.at}: ${config.detail}`)
    // Only here: the other commands need not load databases and servers.
    const { runHub } = await import('../main.js')
    const ended = await runHub(config.value, { demo: flags['demo'] === true })
    if (ended.ok) return exitCodes.done
    console.error(`${ended.at === '' ? '' : `${ended.at}: `}${ended.detail}`)
    return ended.code === 'config-invalid' || ended.code === 'mapping-invalid' ? exitCodes.usage : exitCodes.unreachable
  },
}
