import pg from 'pg'
import { isMarkAlive } from './postgres-process.js'

/** A connection that holds the owner's lock for as long as it lives. */
export interface OwnerLock {
  readonly client: pg.Client
  readonly release: () => Promise<void>
}

/** What a running server says of the hub that owns it. */
export type OwnerProbe =
  | { readonly kind: 'free'; readonly lock: OwnerLock }
  | { readonly kind: 'alive'; readonly owner: string }
  | { readonly kind: 'unsettled'; readonly reason: string }

/** The advisory lock, in the database postgres, that the hub which owns a server holds as long as it lives. */
export const ownerLockKey = 0x636861696e

const ownerOf = (client: pg.Client) => client.query<{ owner: string | null }>(`select current_setting('chainhub.owner', true) as owner`)

const tryLock = (client: pg.Client) => client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [ownerLockKey])

/**
 * Asks a server whether a hub owns it. `free`: nobody did, and the caller now holds the lock; `alive`: the hub that
 * started it lives and is not `self`; `unsettled`: the server does not take connections yet, or a hub that died left a
 * lock that PostgreSQL has not let go. `onLost` is called when a lock that was gained breaks before it is released.
 */
export const probeOwner = async (url: string, self: string, onLost: (reason: string) => void): Promise<OwnerProbe> => {
  const client = new pg.Client({ connectionString: url, application_name: `chainhub owner ${self}`, connectionTimeoutMillis: 3_000, keepAlive: true })
  let held = false
  const lost = (reason: string) => {
    if (held) onLost(reason)
    held = false
  }
  client.on('error', error => { lost(error.message) })
  client.on('end', () => { lost('the connection ended') })
  const release = async () => {
    held = false
    await client.end().catch(() => undefined)
  }
  try {
    await client.connect()
    const owner = (await ownerOf(client)).rows[0]?.owner ?? ''
    if (owner !== self && await isMarkAlive(owner)) {
      await release()
      return { kind: 'alive', owner }
    }
    held = (await tryLock(client)).rows[0]?.locked === true
    if (held) return { kind: 'free', lock: { client, release } }
    await release()
    return { kind: 'unsettled', reason: `a hub that is gone (${owner}) still holds its lock` }
  } catch (error) {
    await release()
    return { kind: 'unsettled', reason: error instanceof Error ? error.message : String(error) }
  }
}
