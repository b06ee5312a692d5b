import type { ConnectorHost } from '../../connectors/contract.js'
import { makeGroupCommit } from '../central/group-commit.js'
import type { Config } from '../config.js'
import type { JobsDeps } from '../http/job-operations.js'
import type { MessageDeps } from '../http/message-operations.js'
import type { ReplaysDeps } from '../http/replay-operations.js'
import type { SchemaSetDeps } from '../http/schema-set-operations.js'
import type { Giants } from '../intake/giants/giants.js'
import type { HeapGrowth } from '../ops/heap-growth.js'
import { startRepeating } from '../ops/repeat.js'
import type { Joined } from './join-followers.js'
import { makeBrowser } from './make-browser.js'
import { makeIntake } from './make-intake.js'
import { makeSchemaSets } from './make-schema-sets.js'
import type { Core } from './open-core.js'
import type { Opened } from './open-stores.js'
import { startJobs } from './start-jobs.js'

/** The way in of messages, and the browser of those that came. */
export interface Intake {
  /** Whether messages are taken in here, or only looked at and replayed. */
  readonly takesIn: boolean
  readonly host: ConnectorHost
  readonly messages: MessageDeps
  readonly giants: Giants
  readonly schemaSets: SchemaSetDeps
  readonly replays: ReplaysDeps
  readonly jobs: JobsDeps
}

/** How often it is looked whether another process left giants behind. */
const resumeMs = 5_000

/** Undefined in a process that neither takes messages in nor shows them. */
export const startIntake = async (core: Core, config: Config, { followers }: Joined, opened: Opened, heap: HeapGrowth): Promise<Intake | undefined> => {
  const takesIn = config.roles.includes('intake')
  if (!takesIn && !config.roles.includes('web')) return undefined
  const { central, fresh, metrics } = core
  const { log } = opened
  const onAppended = (last: number): void => {
    metrics.journalReached(last)
    followers.poke()
  }
  const commit = makeGroupCommit({ database: central, fresh, log, onAppended })
  opened.closers.push(commit.drain)
  const schemaSets = await makeSchemaSets({ ...core, log })
  opened.closers.push(schemaSets.close)
  const intake = makeIntake({ ...core, commit, onAppended, checkParts: schemaSets.checkParts, followers, log, openBytes: config.soap.openBytes, heap })
  if (takesIn) {
    await intake.giants.resume()
    opened.closers.push(startRepeating({ everyMs: resumeMs, work: intake.giants.resume, onError: (error) => { log.warn({ err: error }, 'the giants of processes that are gone were not taken over; they will be with the next round') } }).stop)
  }
  const browser = makeBrowser({ ...core, replay: intake.messages.replay, replayDiff: intake.messages.replayDiff, log })
  const jobs = await startJobs({ ...core, retention: config.retention, selections: browser.selections, log })
  opened.closers.push(jobs.stop, browser.selections.stop)
  return { takesIn, ...intake, messages: { ...intake.messages, ...browser.messages }, schemaSets: schemaSets.operations, replays: browser.replays, jobs: jobs.operations }
}
