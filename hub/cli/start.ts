import { readConfig } from '../config.js'
import { exitCodes, parseWords, textFlag, usage, type Command } from './command.js'

export const startCommand: Command = {
  usage: 'start [--port 8080] [--data ./data] [--config FILE] [--mappings DIR] [--roles all] [--demo]',
  summary: 'Starts the hub; on first start creates the databases and prints an admin key, once. --roles intake,followers,deliveries,relay,web: what this process does, where several share one PostgreSQL.',
  run: async (words) => {
    const parsed = parseWords(words, { port: { type: 'string' }, data: { type: 'string' }, config: { type: 'string' }, mappings: { type: 'string' }, roles: { type: 'string' }, demo: { type: 'boolean' } }, 0)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags } = parsed.value
    const roles = textFlag(flags['roles'])
    const port = textFlag(flags['port'])
    const data = textFlag(flags['data'])
    const file = textFlag(flags['config'])
    const mappings = textFlag(flags['mappings'])
    const config = readConfig({ ...(port === undefined ? {} : { port }), ...(data === undefined ? {} : { data }), ...(file === undefined ? {} : { config: file }), ...(mappings === undefined ? {} : { mappings }), ...(roles === undefined ? {} : { roles }) })
    if (!config.ok) return usage(`${config.at}: ${config.detail}`)
    if (flags['demo'] === true && !config.value.roles.includes('intake')) return usage('--demo: sends documents, which only a process with the role intake takes.')
    // Only here: the other commands need not load databases and servers.
    const { runHub } = await import('../main.js')
    const ended = await runHub(config.value, { demo: flags['demo'] === true })
    if (ended.ok) return exitCodes.done
    console.error(`${ended.at === '' ? '' : `${ended.at}: `}${ended.detail}`)
    return ended.code === 'config-invalid' || ended.code === 'mapping-invalid' ? exitCodes.usage : exitCodes.unreachable
  },
}
