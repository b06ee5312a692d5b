import { setTimeout as sleep } from 'node:timers/promises'
import { exitCodes, hubFlags, parseWords, textFlag, usage, type Command, type ExitCode } from './command.js'
import { printAnswer, withHub, type HubClient } from './hub-client.js'
import { filterFlags, filtersOf, filterUsage } from './message-filters.js'
import { printReplayDiff, type ShownDiff } from './print-replay-diff.js'

export const replayCommand: Command = {
  usage: `replay ID… [--mapping VERSION] [--diff]  ·  replay ${filterUsage} [--mapping VERSION] --diff | --yes`,
  summary: 'Sends messages through today\'s mapping or an earlier version again, under their own ids; with --diff says what would change.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, ...filterFlags, mapping: { type: 'string' }, diff: { type: 'boolean' }, yes: { type: 'boolean' }, json: { type: 'boolean' } }, Infinity)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: ids } = parsed.value
    const filter = filtersOf(flags)
    const isSelection = Object.keys(filter).length > 0
    if ((ids.length === 0) === !isSelection) return usage(`Usage: chainhub ${replayCommand.usage}`)
    const wish: Wish = { mapping: textFlag(flags['mapping']), diff: flags['diff'] === true, json: flags['json'] === true }
    if (isSelection && wish.diff === (flags['yes'] === true)) return usage('Say --diff to see what a replay of these messages would change, or --yes to do it.')
    return withHub(flags, (hub) => (isSelection ? replaySelection(hub, filter, wish) : replayOneByOne(hub, ids, wish)))
  },
}

interface Wish {
  readonly mapping: string | undefined
  readonly diff: boolean
  readonly json: boolean
}

const replayOneByOne = async (hub: HubClient, ids: readonly string[], { mapping, diff, json }: Wish): Promise<ExitCode> => {
  let worst: ExitCode = exitCodes.done
  const query = new URLSearchParams({ ...(mapping === undefined ? {} : { mapping }), ...(diff ? { dryRun: 'true' } : {}) }).toString()
  for (const id of ids) {
    const answer = await hub.post(`/messages/${encodeURIComponent(id)}/replay${query === '' ? '' : `?${query}`}`)
    const code = diff && answer.ok && !json ? printReplayDiff(await answer.json() as ShownDiff) : await printAnswer(answer)
    if (code > worst) worst = code
  }
  return worst
}

interface Run {
  readonly id: string
  readonly messages: number
  readonly done: number
  readonly finishedAt: string | null
  readonly outcomes: Readonly<Record<string, number>>
  readonly differing: number | null
}

interface Items {
  readonly items: readonly { readonly messageId: string, readonly outcome: string | null, readonly changes: { readonly detail?: string } | null }[]
  readonly next?: string
}

/** Between two looks at how far it is. */
const lookMs = 500

const replaySelection = async (hub: HubClient, filter: Readonly<Record<string, string>>, { mapping, diff, json }: Wish): Promise<ExitCode> => {
  const body = JSON.stringify({ filter, dryRun: diff, ...(mapping === undefined ? {} : { mapping }) })
  let answer = await hub.request('POST', '/replays', { body, headers: { 'content-type': 'application/json' } })
  if (!answer.ok) return printAnswer(answer)
  let run = await answer.json() as Run
  for (let told = -1; run.finishedAt === null; run = await answer.json() as Run) {
    if (run.done !== told && process.stderr.isTTY) console.error(`${run.done} of ${run.messages}`)
    told = run.done
    await sleep(lookMs)
    answer = await hub.request('GET', `/replays/${run.id}`)
    if (!answer.ok) return printAnswer(answer)
  }
  if (json) console.log(JSON.stringify(run, null, 2))
  else {
    if (diff) await printDiffs(hub, run.id)
    const counts = Object.entries(run.outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(', ')
    console.log(diff ? `${run.differing ?? 0} of ${run.messages} messages would change (${counts}). Say --yes in the place of --diff to replay them.` : `${run.messages} messages replayed: ${counts}.`)
  }
  return exitCodes.done
}

const printDiffs = async (hub: HubClient, id: string): Promise<void> => {
  for (let cursor: string | undefined, more = true; more;) {
    const page = await (await hub.request('GET', `/replays/${id}/items?limit=500${cursor === undefined ? '' : `&cursor=${cursor}`}`)).json() as Items
    for (const { messageId, outcome, changes } of page.items) {
      if (isDiff(changes)) { if (changes.differs) printReplayDiff(changes) } else console.log(`message ${messageId}\n  cannot be replayed: ${outcome ?? ''}: ${changes?.detail ?? ''}`)
    }
    cursor = page.next
    more = cursor !== undefined
  }
}

const isDiff = (changes: object | null): changes is ShownDiff => changes !== null && 'differs' in changes
