import { parseWords, usage, type Command } from './command.js'
import { listFlags, secondOf, showList, type ListColumns } from './print-list.js'

export const alertsCommand: Command = {
  usage: 'alerts [--open] [--limit N] [--cursor CURSOR] [--json]',
  summary: 'What went wrong and whether it still does, newest first; with --open only what does.',
  run: async (words) => {
    const parsed = parseWords(words, { ...listFlags, open: { type: 'boolean' } }, 0)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags } = parsed.value
    return showList(flags, '/alerts', columns, flags['open'] === true ? { open: 'true' } : {})
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
