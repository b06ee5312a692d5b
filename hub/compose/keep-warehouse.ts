import { ok, type Result } from '../../schemas/result.js'
import { openWarehouse } from '../../warehouse/open-warehouse.js'
import { entriesAfter, entriesNumbered, journalHead } from '../central/journal.js'
import { startFollowLoop } from '../journal/follow-loop.js'
import type { FollowParts, KeptWarehouse, LoopParts } from './kept-follower.js'
import { tellParked } from './tell-parked.js'

interface Aged {
  readonly journalSeq: number
  readonly asOf: string | null
}

/** Opens the warehouse's file, follows the journal into it and answers its cubes, until it is closed. Fails with data-in-use where another process has the file open. */
export const keepWarehouse = async (parts: FollowParts, loopParts: LoopParts): Promise<Result<KeptWarehouse>> => {
  const { central, metrics, log } = parts
  const opened = await openWarehouse({
    file: parts.warehouseFile,
    memoryBytes: parts.warehouseBytes,
    entriesNumbered: (numbers) => entriesNumbered(central, numbers),
    onParked: tellParked('warehouse', metrics, log),
  })
  if (!opened.ok) return opened
  const warehouse = opened.value
  const loop = await startFollowLoop({ ...loopParts, follower: warehouse.follower, settle: () => Promise.resolve(), gatherMs: 250 }).catch(async (error: unknown) => {
    await warehouse.close()
    throw error
  })
  /** Adds how far behind the journal the answer is: 0 when it knows of the last entry, else the time since its own last one. */
  const aged = async <T extends Aged>(asked: Promise<Result<T>>): Promise<Result<unknown>> => {
    const answer = await asked
    if (!answer.ok) return answer
    const { journalSeq, asOf } = answer.value
    const isBehind = asOf !== null && await journalHead(central) > journalSeq
    return ok({ ...answer.value, ageMs: isBehind ? Math.max(0, Date.now() - Date.parse(asOf)) : 0 })
  }
  return ok({
    loop,
    digest: () => loop.exclusively(async () => ({ journalSeq: loop.passed(), digest: await warehouse.digest() })),
    rebuild: async (tell) => {
      const rebuilt = await warehouse.rebuild({ entriesAfter: (after, limit) => entriesAfter(central, after, limit), progress: (journalSeq) => { tell({ step: 'applied', journalSeq }) } })
      if (!rebuilt.ok) throw new Error(rebuilt.detail)
    },
    query: (cube, body) => aged(warehouse.query(cube, body)),
    drill: (cube, body) => aged(warehouse.drill(cube, body)),
    waiting: warehouse.waiting,
    parked: (wish) => warehouse.parked(wish),
    close: async () => {
      await loop.stop()
      await warehouse.close()
    },
  })
}
