import { ok } from '../../schemas/result.js'
import { deliveryParked } from '../central/deliveries/parked-entries.js'
import { readPosition } from '../central/deliveries/position.js'
import { journalHead } from '../central/journal.js'
import { followerRows, type FollowerRow } from '../central/leases.js'
import { liveProcesses } from '../central/processes.js'
import { crmParked } from '../crm/parked-entries.js'
import type { WatchDeps } from '../http/watch-operations.js'
import type { ProcessRole } from '../process-roles.js'
import type { FollowerName } from './kept-follower.js'
import type { Core } from './open-core.js'
import type { Joined } from './join-followers.js'

/** How this process and the hub's followers are, wherever these are kept. */
export const makeWatch = ({ central, crm, own, metrics }: Core, roles: readonly ProcessRole[], { followers, relay }: Pick<Joined, 'followers' | 'relay'>): WatchDeps => {
  /** What an owner has said of its follower, and of those that this process keeps what it knows at this moment. */
  const standings = async () => {
    const [head, rows, parked, delivered, undelivered] = await Promise.all([journalHead(central), followerRows(central), crmParked.count(crm), readPosition(central), deliveryParked.count(central)])
    const standingOf = (name: FollowerName) => freshest(rows.find((row) => row.name === name), head, followers.kept[name]()?.loop)
    // Its position stands in this database, as of now.
    const deliveries = rows.find(({ name }) => name === 'deliveries')
    return {
      head, rows, of: {
        crm: { ...standingOf('crm'), ...parked },
        warehouse: { ...standingOf('warehouse'), ...followers.kept.warehouse()?.waiting?.() ?? rows.find(({ name }) => name === 'warehouse')?.waiting ?? nothingWaits },
        ...(deliveries === undefined ? {} : { deliveries: { ...freshest({ ...deliveries, journalSeq: delivered }, head, undefined), ...undelivered } }),
      },
    }
  }
  return {
    ready: async () => {
      const { head, rows, of } = await standings()
      const isDegraded = Object.values(of).some(({ owner, failing }) => owner === null || failing !== undefined)
      return ok({ status: isDegraded ? 'degraded' : 'ready', journalSeq: head, process: { id: own.id, roles }, followers: of, ...relay.state(head, rows.find(({ name }) => name === 'relay')) })
    },
    followers: async () => {
      const [{ rows, of }, processes] = await Promise.all([standings(), liveProcesses(central)])
      const known: Readonly<Record<string, object | undefined>> = of
      const items = rows.flatMap(({ name, epoch }) => (known[name] === undefined ? [] : [{ name, epoch, ...known[name] }]))
      return ok({ items, processes })
    },
    metrics: async () => {
      // Whoever scrapes a hub that has lost its database wants the rest.
      const found = await standings().catch(() => undefined)
      if (found !== undefined) {
        metrics.journalReached(found.head)
        metrics.followersStand(Object.entries(found.of).map(([name, standing]) => ({ name, ...standing, failing: standing.failing !== undefined })))
      }
      return { contentType: metrics.contentType, raw: await metrics.text() }
    },
  }
}

const nothingWaits = { parked: 0, held: 0 } as const

const freshest = (row: FollowerRow | undefined, head: number, own: { readonly passed: () => number, readonly standstill: () => FollowerRow['failing'] | undefined } | undefined) => {
  const journalSeq = own?.passed() ?? row?.journalSeq ?? 0
  const failing = (own === undefined ? row?.failing : own.standstill()) ?? undefined
  return { journalSeq, behind: Math.max(0, head - journalSeq), lagMs: journalSeq >= head ? 0 : row?.lagMs ?? 0, owner: row?.owner ?? null, ...(failing === undefined ? {} : { failing }) }
}
