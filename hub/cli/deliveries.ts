import { parseWords, textFlags, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'
import { listFlags, secondOf, showList, type ListColumns } from './print-list.js'

const filters = ['state', 'refusal', 'endpoint', 'business-key', 'message', 'document'] as const

export const deliveriesCommand: Command = {
  usage: 'deliveries [ID] [--state waiting|parked|sent|skipped] [--refusal open|accepted|resent|skipped] [--endpoint ID] [--business-key KEY] [--message ID] [--document ID] [--limit N] [--cursor CURSOR] [--json]',
  summary: 'What goes out: lists deliveries, newest first, or shows one with every attempt.',
  run: async (words) => {
    const parsed = parseWords(words, { ...listFlags, ...Object.fromEntries(filters.map((name) => [name, { type: 'string' } as const])) })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [id] } = parsed.value
    if (id !== undefined) return withHub(flags, async (hub) => printAnswer(await hub.request('GET', `/deliveries/${encodeURIComponent(id)}`)))
    const { 'business-key': key, ...others } = textFlags(flags, filters)
    // `--key` is the caller's own.
    return showList(flags, '/deliveries', columns, { ...others, ...(key === undefined ? {} : { key }) })
  },
}

interface Listed {
  readonly createdAt: string
  readonly id: string
  readonly state: string
  readonly endpoint: string
  readonly kind: string | null
  readonly number: string | null
  readonly attempts: number
  readonly understoodAt: string | null
  readonly answeredAt: string | null
  readonly rejected: boolean
  readonly refusal: 'open' | 'accepted' | 'resent' | 'skipped' | null
  readonly test: boolean
  readonly key: string
  readonly failure: { readonly code: string, readonly detail: string } | null
}

const settled = { open: '', accepted: ', taken later', resent: ', sent again', skipped: ', let be' } as const

/** How far one is: what the partner said goes before that it was sent. */
const stageOf = ({ state, rejected, refusal, answeredAt, understoodAt }: Listed): string => (rejected ? `rejected${refusal === null ? '' : settled[refusal]}` : answeredAt !== null ? 'answered' : understoodAt !== null ? 'understood' : state)

const columns: ListColumns<Listed> = {
  titles: ['made (UTC)', 'delivery', 'stage', 'endpoint', 'document', 'tried', 'key, or what is wrong'],
  rowOf: (one) => [
    secondOf(one.createdAt), one.id, `${stageOf(one)}${one.test ? ' (test)' : ''}`, one.endpoint, [one.kind, one.number].filter((part) => part !== null).join(' '), String(one.attempts),
    one.failure === null ? one.key : `${one.failure.code}: ${one.failure.detail.replaceAll(/\s+/g, ' ')}`,
  ],
  none: 'There are no such deliveries.',
}
