import { afterAttempt, type BreakerRules, type Health, type HealthChange } from '../../delivery/breaker.js'
import type { JudgedAttempt } from '../../delivery/sender.js'
import type { Database, Tx } from '../../ops/database.js'
import { closeAlert, raiseAlert } from '../alerts.js'
import { lockHealth, writeHealth } from './endpoint-states.js'
import { claimName, finishDeliveries, lockHeldLanes, moveLanes, type LaneChange } from './finish-attempts.js'

type RulesOf = (endpoint: string) => BreakerRules

/**
 * Writes in one transaction what became of attempts: deliveries, their histories and queues, and how the endpoints fare. Gives for each whether its claim still
 * held; of the others nothing is written.
 */
export const finishBatch = (database: Database, attempts: readonly JudgedAttempt[], rulesOf: RulesOf): Promise<readonly boolean[]> => database.transaction(async (tx) => {
  const held = await lockHeldLanes(tx, attempts)
  const isHeld = attempts.map((attempt) => held.has(claimName(attempt)))
  const mine = attempts.filter((_attempt, index) => isHeld[index])
  if (mine.length === 0) return isHeld
  await finishDeliveries(tx, mine)
  await moveLanes(tx, laneChanges(mine))
  await writeHealths(tx, mine, rulesOf)
  return isHeld
})

/** Where each queue stands behind the last of its attempts. */
const laneChanges = (attempts: readonly JudgedAttempt[]): readonly LaneChange[] => {
  const changes = new Map<number, LaneChange>()
  for (const { lane, sequence, verdict, releases } of attempts) {
    const then = !releases ? undefined : verdict.type === 'sent' ? 'due' : verdict.type === 'park' ? 'parked' : { inMs: verdict.inMs }
    changes.set(lane, { lane, next: verdict.type === 'sent' ? sequence + 1 : sequence, then })
  }
  return [...changes.values()]
}

const writeHealths = async (tx: Tx, attempts: readonly JudgedAttempt[], rulesOf: RulesOf): Promise<void> => {
  const endpoints = [...new Set(attempts.map(({ endpoint }) => endpoint))].sort()
  const before = await lockHealth(tx, endpoints)
  for (const endpoint of endpoints) {
    const own = attempts.filter((attempt) => attempt.endpoint === endpoint)
    const rules = rulesOf(endpoint)
    const start = before.get(endpoint) ?? { failures: 0, open: false }
    const { health, change } = fold(start, own, rules)
    const holdMs = own.reduce<number | undefined>((most, attempt) => (attempt.holdMs === undefined ? most : Math.max(most ?? 0, attempt.holdMs)), undefined)
    if (health.failures !== start.failures || change !== undefined || holdMs !== undefined) await writeHealth(tx, { endpoint, ...health, probeMs: rules.probeMs, holdMs })
    if (change === 'opened') await raiseAlert(tx, { kind: 'endpoint-bad', subject: endpoint, detail: reasonOf(own, health.failures) })
    if (change === 'recovered') await closeAlert(tx, { kind: 'endpoint-bad', subject: endpoint })
    const parked = own.find(({ verdict }) => verdict.type === 'park')
    if (parked !== undefined) await raiseAlert(tx, { kind: 'deliveries-parked', subject: endpoint, detail: `${parked.deliveryId}: ${parked.failure?.code ?? ''} at ${parked.failure?.at ?? ''}: ${parked.failure?.detail ?? ''}`.slice(0, 2_000) })
  }
}

/** All attempts in their order; of what changed the last word, so that what opened and closed again within one batch has not happened. */
const fold = (start: Health, attempts: readonly JudgedAttempt[], rules: BreakerRules): { readonly health: Health, readonly change: HealthChange } => {
  let health = start
  let touched = false
  for (const { endpointBad } of attempts) {
    const next = afterAttempt(health, endpointBad, rules)
    health = next.health
    touched ||= next.change !== undefined
  }
  if (!touched) return { health, change: undefined }
  return { health, change: health.open ? start.open ? 'held' : 'opened' : start.open ? 'recovered' : undefined }
}

const reasonOf = (attempts: readonly JudgedAttempt[], failures: number): string => {
  const last = attempts.findLast(({ endpointBad }) => endpointBad)?.failure
  return `${failures} attempts in a row failed; the last: ${last?.code ?? ''} at ${last?.at ?? ''}: ${last?.detail ?? ''}`.slice(0, 2_000)
}
