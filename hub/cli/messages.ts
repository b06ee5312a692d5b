import { parseWords, textFlag, usage, type Command, type ExitCode, type Flags } from './command.js'
import { printAnswer, withHub } from './hub-client.js'
import { filterFlags, filtersOf, filterUsage } from './message-filters.js'
import { listFlags, secondOf, showList, type ListColumns } from './print-list.js'

export const messagesCommand: Command = {
  usage: `messages ${filterUsage} [--limit N] [--cursor CURSOR] [--json]  ·  messages discard ID --reason WHY [--mended-by ID]`,
  summary: 'The message browser: lists messages, newest first; or says what becomes of one that could not be taken.',
  run: async (words) => {
    const parsed = parseWords(words, { ...listFlags, ...filterFlags, 'reason': { type: 'string' }, 'mended-by': { type: 'string' } }, 2)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [first, id] } = parsed.value
    if (first === 'discard') return discard(flags, id)
    if (id !== undefined) return usage(`'${id}' is one word too many: this takes 1 at a time.`)
    if (first !== undefined) return withHub(flags, async (hub) => printAnswer(await hub.request('GET', `/messages/${encodeURIComponent(first)}`)))
    return showList(flags, '/messages', columns, filtersOf(flags))
  },
}

const discard = (flags: Flags, id: string | undefined): Promise<ExitCode> | ExitCode => {
  const reason = textFlag(flags['reason'])
  if (id === undefined || reason === undefined) return usage('Usage: chainhub messages discard ID --reason WHY [--mended-by ID]')
  const mendedBy = textFlag(flags['mended-by'])
  const body = JSON.stringify({ reason, ...(mendedBy === undefined ? {} : { mendedBy }) })
  return withHub(flags, async (hub) => printAnswer(await hub.request('POST', `/messages/${encodeURIComponent(id)}/discard`, { body, headers: { 'content-type': 'application/json' } })))
}

interface Listed {
  readonly messageId: string
  readonly receivedAt: string
  readonly outcome: string
  readonly channel: string
  readonly sender: string
  readonly format: string | null
  readonly test: boolean
  readonly answer: { readonly documents: readonly { readonly kind: string, readonly number: string }[], readonly errors: readonly { readonly code: string, readonly detail: string }[] } | null
}

const columns: ListColumns<Listed> = {
  titles: ['received (UTC)', 'message', 'outcome', 'channel', 'sender', 'format', 'documents, or what is wrong'],
  rowOf: ({ messageId, receivedAt, outcome, channel, sender, format, test, answer }) => [
    secondOf(receivedAt), messageId, `${outcome}${test ? ' (test)' : ''}`, channel, sender, format ?? '',
    [...(answer?.documents ?? []).slice(0, 3).map(({ kind, number }) => `${kind} ${number}`), ...(answer?.errors ?? []).slice(0, 1).map(({ code, detail }) => `${code}: ${detail.replaceAll(/\s+/g, ' ')}`)].join(', '),
  ],
  none: 'There are no such messages.',
}
