import { hubFlags, parseWords, textFlag, usage, type Command } from './command.js'
import { withHub } from './hub-client.js'
import { printList, secondOf, type ListColumns } from './print-list.js'

export const alertsCommand: Command = {
  usage: 'alerts [--open] [--limit N] [--cursor CURSOR] [--json]',
  summary: 'What went wrong and whether it still does, newest first; with --open only what does.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, open: { type: 'boolean' }, limit: { type: 'string' }, cursor: { type: 'string' }, json: { type: 'boolean' } }, 0)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags } = parsed.value
    const query = new URLSearchParams(flags['open'] === true ? { open: 'true' } : {})
    for (const name of ['limit', 'cursor']) {
      const value = textFlag(flags[name])
      if (value !== undefined) query.set(name, value)
    }
    return withHub(flags, async (hub) => printList(await hub.request('GET', `/alerts?${query.toString()}`), flags['json'] === true, columns))
  },
}

interface Listed {
  readonly kind: string
  readonly subject: string
  readonly detail: string
  readonly openedAt: string
  readonly closedAt: string | null
}

const columns: ListColumns<Listed> = {
  titles: ['opened (UTC)', 'closed', 'alert', 'about', 'what happened'],
  rowOf: ({ kind, subject, detail, openedAt, closedAt }) => [secondOf(openedAt), secondOf(closedAt), kind, subject, detail.replaceAll(/\s+/g, ' ')],
  none: 'There are no such alerts.',
}
