import { exitCodes, hubFlags, parseWords, usage, type Command, type ExitCode } from './command.js'
import { printAnswer, withHub, type HubClient } from './hub-client.js'
import { tableOf } from './text-columns.js'

export const jobsCommand: Command = {
  usage: 'jobs [NAME]  ·  jobs run NAME',
  summary: 'Lists what runs by itself, or the runs of one job; or runs one now.',
  run: async (words) => {
    const parsed = parseWords(words, hubFlags, 2)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [first, second] } = parsed.value
    if ((first === 'run') === (second === undefined)) return usage(`Usage: chainhub ${jobsCommand.usage}`)
    return withHub(flags, async (hub) => {
      if (second !== undefined) return printAnswer(await hub.request('POST', `/jobs/${encodeURIComponent(second)}/runs`))
      return first === undefined ? listJobs(hub) : listRuns(hub, first)
    })
  },
}

interface Run {
  readonly fireAt: string
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly outcome: string | null
  readonly detail: unknown
}

const width = (): number => (process.stdout.isTTY ? process.stdout.columns : 200)
const minute = (at: string | null | undefined): string => at?.slice(0, 16).replace('T', ' ') ?? ''

const listJobs = async (hub: HubClient): Promise<ExitCode> => {
  const answer = await hub.request('GET', '/jobs')
  if (!answer.ok) return printAnswer(answer)
  const { items } = await answer.json() as { readonly items: readonly { readonly name: string, readonly cron: string, readonly nextAt: string | null, readonly lastRun: Run | null }[] }
  const rows = items.map(({ name, cron, nextAt, lastRun }) => [name, cron, minute(nextAt), minute(lastRun?.fireAt), lastRun === null ? 'never ran' : lastRun.outcome ?? 'runs', JSON.stringify(lastRun?.detail ?? '')])
  for (const line of tableOf(['job', 'when', 'next (UTC)', 'last (UTC)', 'outcome', 'said'], rows, width())) console.log(line)
  return exitCodes.done
}

const listRuns = async (hub: HubClient, name: string): Promise<ExitCode> => {
  const answer = await hub.request('GET', `/jobs/${encodeURIComponent(name)}/runs?limit=50`)
  if (!answer.ok) return printAnswer(answer)
  const { items } = await answer.json() as { readonly items: readonly Run[] }
  const rows = items.map(({ fireAt, startedAt, finishedAt, outcome, detail }) => [minute(fireAt), minute(startedAt), minute(finishedAt), outcome ?? 'runs', JSON.stringify(detail ?? '')])
  for (const line of tableOf(['due (UTC)', 'begun', 'ended', 'outcome', 'said'], rows, width())) console.log(line)
  return exitCodes.done
}
