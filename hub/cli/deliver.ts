import { readFile } from 'node:fs/promises'
import { decodeText } from '../../schemas/decode-text.js'
import { hubFlags, parseWords, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

const operations: Readonly<Record<string, string>> = { retry: 'resume', skip: 'skip', edit: 'edit' }

export const deliverCommand: Command = {
  usage: 'deliver retry|skip ID | deliver edit ID [FILE]',
  summary: 'Tries a delivery that waits, is parked or was refused again, takes it out of the way, or sends FILE instead (without FILE: its document, mapped again).',
  run: async (words) => {
    const parsed = parseWords(words, hubFlags, 3)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [action, id, file] } = parsed.value
    const operation = operations[action ?? '']
    if (operation === undefined || id === undefined || (file !== undefined && operation !== 'edit')) return usage(`Usage: chainhub ${deliverCommand.usage}`)
    const body = file === undefined ? undefined : await readPayload(file)
    if (body instanceof Error) return usage(`${file ?? ''} cannot be read: ${body.message}`)
    return withHub(flags, async (hub) => printAnswer(await hub.request('POST', `/deliveries/${encodeURIComponent(id)}/${operation}`, body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } })))
  },
}

const readPayload = async (file: string): Promise<string | Error> => {
  try {
    const decoded = decodeText(await readFile(file))
    if (!decoded.ok) return new Error(decoded.detail)
    const { text } = decoded.value
    return JSON.stringify({ payload: text, type: /^\s*</.test(text) ? 'xml' : /^\s*[[{]/.test(text) ? 'json' : 'csv' })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
