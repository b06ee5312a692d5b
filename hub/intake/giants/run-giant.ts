import type { Committed } from '../../central/commit-item.js'
import type { GiantRow } from '../../central/giants/giant-rows.js'
import type { MessageId } from '../../../schemas/ids.js'
import { ok, type Result } from '../../../schemas/result.js'
import { earlierMapping, type EarlierMapping, type EarlierMappingDeps } from '../earlier-mapping.js'
import { shuttingDown, sliceGiant, type SliceGiantDeps, type TakeSlice } from './slice-giant.js'

export interface RunGiantDeps extends Omit<SliceGiantDeps, 'translator'>, EarlierMappingDeps {
  readonly giantById: (messageId: MessageId) => Promise<GiantRow | undefined>
  readonly storeSlice: TakeSlice
  /** Undefined where another attempt runs it by now. */
  readonly finish: (messageId: MessageId, attempt: string) => Promise<Committed | undefined>
  readonly nowMs: () => number
}

/** The earlier mapping by which a giant is run; undefined where it is today's. */
export const mappingOf = async (deps: EarlierMappingDeps, version: string | null | undefined): Promise<Result<EarlierMapping | undefined>> =>
  (version == null ? ok(undefined) : earlierMapping(deps, version))

/**
 * Takes a giant in from where it stands to its end, by the mapping that is kept with it. Fails with database-unavailable and schema-unavailable, with not-found and mapping-invalid where
 * that mapping cannot be run any more, and with shutting-down when `isStopped` says so; the giant then stands where its last slice ended.
 */
export const runGiant = async (deps: RunGiantDeps, messageId: MessageId, isStopped: () => boolean): Promise<Result<Committed>> => {
  if (isStopped()) return shuttingDown
  const giant = await deps.giantById(messageId)
  if (giant === undefined) throw new Error(`There is no giant ${messageId}.`)
  const earlier = await mappingOf(deps, giant.mapping)
  if (!earlier.ok) return earlier
  const sliced = await sliceGiant({ ...deps, translator: earlier.value?.translator ?? deps.translator }, giant, deps.storeSlice, isStopped)
  if (!sliced.ok) return sliced
  const committed = await deps.finish(messageId, giant.attempt)
  if (committed === undefined) throw new Error(`The giant ${messageId} was finished by another attempt.`)
  return ok(committed)
}
