import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningHub } from '../fixtures/hub.js'
import { startHubTarget, type HubTarget } from './hub-target.js'
import { startPostgresTarget, type PostgresTarget } from './postgres-target.js'
import { untilTrue, type Target } from './processes.js'

/** One hub of several processes on one PostgreSQL. */
export interface Fleet {
  readonly postgres: PostgresTarget
  readonly intakes: readonly HubTarget[]
  readonly followers: readonly HubTarget[]
  readonly web: HubTarget
  /** Everything that may be killed or paused; what joins the hub later (a Kafka, a partner's server) joins this list. */
  readonly targets: readonly Target[]
  /** Starts one more process, with a data folder of its own. */
  readonly join: (name: string, roles: string) => Promise<HubTarget>
  /** Resolves when every process is there and the followers have come to the end of the journal. */
  readonly caughtUp: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface Standing { readonly behind: number, readonly owner: string | null }

/** Starts it all. `tell` hears of processes that ended though nobody killed them. */
export const startFleet = async (tell: (what: string) => void): Promise<Fleet> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-chaos-'))
  const postgres = await startPostgresTarget(join(folder, 'postgres'), ['central', 'crm'])
  const environment = { CHAINHUB_CENTRAL_URL: postgres.urlOf('central'), CHAINHUB_CRM_URL: postgres.urlOf('crm'), CHAINHUB_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'), CHAINHUB_LOG_LEVEL: 'silent' }
  const all: HubTarget[] = []
  const joinFleet = async (name: string, roles: string): Promise<HubTarget> => {
    const target = await startHubTarget(name, { dataFolder: join(folder, name), args: ['--roles', roles], environment }, tell)
    all.push(target)
    return target
  }
  const intakes = [await joinFleet('intake-1', 'intake'), await joinFleet('intake-2', 'intake')]
  const followers = [await joinFleet('followers-1', 'followers,deliveries'), await joinFleet('followers-2', 'followers,deliveries')]
  const web = await joinFleet('web', 'web,relay')
  const targets: readonly Target[] = [...intakes, ...followers, web, postgres]
  return {
    postgres, intakes, followers, web, targets, join: joinFleet,
    caughtUp: async () => {
      for (const target of targets) await target.settled()
      await untilTrue('the followers have come to the end of the journal', () => isCaughtUp(web.hub()), 300_000)
    },
    stop: async () => {
      for (const target of all) await target.stop('SIGKILL')
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const isCaughtUp = async (hub: RunningHub): Promise<boolean> => {
  try {
    const { followers } = await hub.json('GET', '/health/ready') as { readonly followers?: Readonly<Record<string, Standing>> }
    return followers !== undefined && Object.values(followers).every(({ behind, owner }) => behind === 0 && owner !== null)
  } catch {
    return false
  }
}
