import { dropDeliveries } from '../central/deliveries/drop-deliveries.js'
import { dropBlocks, dropEmptyChunkTable, dropGiant, heldKinds, type DropRule } from '../central/drop-raw.js'
import { forgetRuns } from '../central/job-runs.js'
import { packKept, packPartition } from '../central/pack-partition.js'
import { listPartitions } from '../central/partitions.js'
import type { RetentionSettings } from '../config.js'
import type { Database } from '../ops/database.js'

/** For how long the history of jobs is kept, in days. */
const historyDays = 30
const dayMs = 86_400_000

/** The rule that holds for messages of a channel and outcome; undefined where they are kept for ever. */
export const dropRuleOf = ({ rawDays, rules }: RetentionSettings, { channel, outcome }: Pick<DropRule, 'channel' | 'outcome'>): DropRule | undefined => {
  const rule = rules.find((one) => (one.channel ?? channel) === channel && (one.outcome ?? outcome) === outcome)
  const days = rule === undefined ? rawDays : rule.rawDays
  if (days === undefined) return undefined
  const of = [...rule?.channel === undefined ? [] : [`of the channel ${channel}`], ...rule?.outcome === undefined ? [] : [`with the outcome ${outcome}`]]
  return { channel, outcome, days, rule: `rawDays ${days}${of.length === 0 ? '' : ` for messages ${of.join(' ')}`}` }
}

interface Retained {
  readonly packed: number
  readonly dropped: number
  /** Of how many deliveries. */
  readonly deliveries: number
}

/** Packs the tables of messages that are old and drops what may be dropped, of messages and of deliveries. What is not done when it is stopped, the next run does. `nowMs` is PostgreSQL's time. */
export const runRetention = async (central: Database, settings: RetentionSettings, nowMs: number, isStopped: () => boolean): Promise<Retained> => {
  const old = (await listPartitions(central)).filter(({ toAt }) => Date.parse(toAt) + settings.packAfterDays * dayMs <= nowMs)
  let packed = 0
  for (const partition of old) {
    if (partition.packedAt === null && !isStopped()) packed += await packPartition(central, partition, isStopped) ?? 0
  }
  for (let last = 1; last > 0 && !isStopped();) packed += (last = await packKept(central))
  let dropped = 0
  for (const kind of await heldKinds(central)) {
    const rule = dropRuleOf(settings, kind)
    if (rule === undefined) continue
    for (const drop of [dropBlocks, dropGiant]) for (let last = 1; last > 0 && !isStopped();) dropped += (last = await drop(central, rule))
  }
  for (const partition of old) if (!isStopped()) await dropEmptyChunkTable(central, partition)
  let deliveries = 0
  if (settings.deliveryDays !== undefined) for (let last = 1; last > 0 && !isStopped();) deliveries += (last = await dropDeliveries(central, settings.deliveryDays))
  await forgetRuns(central, historyDays)
  return { packed, dropped, deliveries }
}
