import { createHash } from 'node:crypto'
import { ok, type Failure, type Result } from '../../schemas/result.js'
import { openCage, type Cage } from './cage.js'
import type { FetchDocument } from './load-documents.js'

/** Where a description comes from. */
export interface DescriptionSource {
  /** Equal for two sources that may share what was loaded: the address and all that decides how it is got. */
  readonly key: string
  readonly address: string
  /** Made anew for each loading, since its limits are those of one loading. */
  readonly makeFetch: () => FetchDocument
  readonly timeoutMs: number
  readonly freshForMs: number
}

export interface DescriptionPool {
  /** Does work with the worker that holds a description, loaded now if it isn't held or has changed. */
  readonly use: <T>(source: DescriptionSource, work: (cage: Cage) => Promise<T>) => Promise<T | Failure>
  readonly close: () => Promise<void>
}

interface Held {
  readonly cage: Cage
  /** The address of each file to the hash of its content. */
  readonly files: ReadonlyMap<string, string>
  checkedAtMs: number
  usedAtMs: number
  users: number
  /** Replaced by a newer one, to be closed by its last user. */
  retired: boolean
}

interface PoolDeps {
  readonly nowMs: () => number
  readonly memoryMb: number
  /** How many descriptions are held at a time. */
  readonly most: number
}

/**
 * Holds loaded descriptions, each in a worker of its own, so that one which goes wrong takes no other with it. After
 * `freshForMs` the files are fetched again and compared: a description whose content is the same stays, a changed one is
 * loaded beside it first, and one that can't be fetched just now stays as it is.
 */
export const makeDescriptionPool = ({ nowMs, memoryMb, most }: PoolDeps): DescriptionPool => {
  const held = new Map<string, Held>()
  const loading = new Map<string, Promise<Result<Held>>>()

  const closeIfIdle = (one: Held): void => { if (one.retired && one.users === 0) void one.cage.close() }
  const retire = (key: string, one: Held): void => {
    if (held.get(key) === one) held.delete(key)
    one.retired = true
    closeIfIdle(one)
  }
  const makeRoom = (): void => {
    const idle = [...held].filter(([, { users }]) => users === 0).sort(([, one], [, other]) => one.usedAtMs - other.usedAtMs)
    for (const [key, one] of idle.slice(0, Math.max(held.size - most, 0))) retire(key, one)
  }
  const load = async (source: DescriptionSource): Promise<Result<Held>> => {
    const files = new Map<string, string>()
    const fetchDocument = source.makeFetch()
    const cage = openCage(memoryMb, async (address) => {
      const fetched = await fetchDocument(address)
      if (fetched.ok) files.set(address, hashOf(fetched.value.bytes))
      return fetched
    })
    const loaded = await cage.ask({ kind: 'load', address: source.address }, source.timeoutMs)
    if (loaded.ok) return ok({ cage, files, checkedAtMs: nowMs(), usedAtMs: nowMs(), users: 0, retired: false })
    await cage.close()
    return loaded
  }
  const renew = async (source: DescriptionSource): Promise<Result<Held>> => {
    const before = held.get(source.key)
    if (before !== undefined && !before.cage.ended()) {
      if (nowMs() - before.checkedAtMs < source.freshForMs) return ok(before)
      const changed = await hasChanged(before, source.makeFetch())
      before.checkedAtMs = nowMs()
      if (!changed) return ok(before)
    }
    const loaded = await load(source)
    if (!loaded.ok) return loaded
    if (before !== undefined) retire(source.key, before)
    held.set(source.key, loaded.value)
    makeRoom()
    return loaded
  }
  /** One at a time for each source, so that two callers don't load the same. */
  const get = (source: DescriptionSource): Promise<Result<Held>> => {
    const running = loading.get(source.key)
    if (running !== undefined) return running
    const started = renew(source).finally(() => { loading.delete(source.key) })
    loading.set(source.key, started)
    return started
  }
  return {
    use: async (source, work) => {
      const got = await get(source)
      if (!got.ok) return got
      const one = got.value
      one.users++
      one.usedAtMs = nowMs()
      try {
        return await work(one.cage)
      } finally {
        one.users--
        closeIfIdle(one)
        makeRoom()
      }
    },
    close: async () => {
      await Promise.all([...held.values()].map(({ cage }) => cage.close()))
      held.clear()
    },
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const hasChanged = async ({ files }: Held, fetchDocument: FetchDocument): Promise<boolean> => {
  for (const [address, hash] of files) {
    const fetched = await fetchDocument(address)
    if (!fetched.ok) return false
    if (hashOf(fetched.value.bytes) !== hash) return true
  }
  return false
}
