import { stat } from 'node:fs/promises'
import { hubFlags, parseWords, textFlag, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'

/** Content types by file ending; the hub looks at the content in any case. */
const contentTypes: Readonly<Record<string, string>> = { xml: 'application/xml', json: 'application/json', ndjson: 'application/x-ndjson', jsonl: 'application/x-ndjson', gz: 'application/gzip' }

export const sendCommand: Command = {
  usage: 'send FILE --channel ID [--wait crm,warehouse] [--timeout-ms 5000] [--idempotency-key KEY]',
  summary: 'Sends a document as a partner would and prints the outcome.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, 'channel': { type: 'string' }, 'wait': { type: 'string' }, 'timeout-ms': { type: 'string' }, 'idempotency-key': { type: 'string' } })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [file] } = parsed.value
    const channel = textFlag(flags['channel'])
    if (file === undefined || channel === undefined) return usage(`Usage: chainhub ${sendCommand.usage}`)
    const found = await stat(file).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    if (found instanceof Error || !found.isFile()) return usage(`${file} cannot be read: ${found instanceof Error ? found.message : 'it is no file.'}`)
    return withHub(flags, async (hub) => {
      const query = new URLSearchParams()
      const wait = textFlag(flags['wait'])
      if (wait !== undefined) query.set('wait', wait)
      const timeoutMs = textFlag(flags['timeout-ms'])
      if (timeoutMs !== undefined) query.set('timeoutMs', timeoutMs)
      const idempotencyKey = textFlag(flags['idempotency-key'])
      const headers = { 'content-type': contentTypes[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream', ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }) }
      const answer = await hub.sendFile(`/in/${encodeURIComponent(channel)}?${query.toString()}`, file, headers)
      return printAnswer(answer)
    })
  },
}
