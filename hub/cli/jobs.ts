import { hubFlags, parseWords, usage, type Command } from './command.js'
import { printAnswer, withHub } from './hub-client.js'
import { showList, type ListColumns } from './print-list.js'

export const jobsCommand: Command = {
  usage: 'jobs [NAME] [--json]  ·  jobs run NAME',
  summary: 'Lists what runs by itself, or the runs of one job; or runs one now.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, json: { type: 'boolean' } }, 2)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [first, second] } = parsed.value
    if ((first === 'run') === (second === undefined)) return usage(`Usage: chainhub ${jobsCommand.usage}`)
    if (second !== undefined) return withHub(flags, async (hub) => printAnswer(await hub.request('POST', `/jobs/${encodeURIComponent(second)}/runs`)))
    return first === undefined ? showList(flags, '/jobs', jobColumns) : showList(flags, `/jobs/${encodeURIComponent(first)}/runs`, runColumns, { limit: '50' })
  },
}

interface Run {
  readonly fireAt: string
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly outcome: string | null
  readonly detail: unknown
}

const said = (detail: unknown): string => (detail === undefined || detail === null ? '' : JSON.stringify(detail))

const minute = (at: string | null | undefined): string => at?.slice(0, 16).replace('T', ' ') ?? ''

interface Job {
  readonly name: string
  readonly cron: string
  readonly nextAt: string | null
  readonly lastRun: Run | null
}

const jobColumns: ListColumns<Job> = {
  titles: ['job', 'when', 'next (UTC)', 'last (UTC)', 'outcome', 'said'],
  rowOf: ({ name, cron, nextAt, lastRun }) => [name, cron, minute(nextAt), minute(lastRun?.fireAt), lastRun === null ? 'never ran' : lastRun.outcome ?? 'runs', said(lastRun?.detail)],
  none: 'There are no jobs.',
}

const runColumns: ListColumns<Run> = {
  titles: ['due (UTC)', 'begun', 'ended', 'outcome', 'said'],
  rowOf: ({ fireAt, startedAt, finishedAt, outcome, detail }) => [minute(fireAt), minute(startedAt), minute(finishedAt), outcome ?? 'runs', said(detail)],
  none: 'It never ran.',
}
