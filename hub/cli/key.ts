import { hubFlags, parseWords, textFlag, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

export const keyCommand: Command = {
  usage: 'key create --role admin|operator|channel [--channel ID] [--party ID] [--soap-user NAME] [--cxml-identity DOMAIN:IDENTITY]',
  summary: 'Creates an API key and prints it, once; with it a SOAP user and its password, or as the SharedSecret of a cXML identity.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, role: { type: 'string' }, channel: { type: 'string' }, party: { type: 'string' }, 'soap-user': { type: 'string' }, 'cxml-identity': { type: 'string' } })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [action] } = parsed.value
    const role = textFlag(flags['role'])
    if (action !== 'create' || role === undefined) return usage(`Usage: chainhub ${keyCommand.usage}`)
    const body = JSON.stringify({ role, channel: textFlag(flags['channel']), party: textFlag(flags['party']), soapUser: textFlag(flags['soap-user']), cxmlIdentity: textFlag(flags['cxml-identity']) })
    return withHub(flags, async (hub) => printAnswer(await hub.request('POST', '/keys', { body, headers: { 'content-type': 'application/json' } })))
  },
}
