import type { Follower } from '../schemas/follower.js'
import type { JournalEntry } from '../schemas/journal-entry.js'
import type { JournalNumber } from '../schemas/ids.js'
import type { ParkedRow, ParkedWish, WaitingCounts } from '../schemas/parked-entry.js'
import { fail, ok, type Result } from '../schemas/result.js'
import type { DuckDbOptions } from './engines/duckdb.js'
import { makeGate } from './gate.js'
import { digestOf } from './load/digest.js'
import { listParked } from './load/parked-entries.js'
import type { WarehouseFollowerDeps } from './load/warehouse-follower.js'
import type { Cube } from './model/cube.js'
import { loadCubes } from './model/load-cubes.js'
import { modelOf, type Model } from './model/model.js'
import { parseCubeQuery, parseDrillQuery } from './query/cube-query.js'
import { describeCube, type CubeDescription } from './query/describe-cubes.js'
import { drill, type DrillAnswer } from './query/drill.js'
import { planQuery } from './query/plan.js'
import { runQuery, type CubeAnswer } from './query/run-query.js'
import { withinMemory } from './query/within-memory.js'
import { openStore, replaceFile, type Store } from './store.js'

export interface WarehouseOptions extends DuckDbOptions, WarehouseFollowerDeps {
  readonly file: string
  /** The folder of cube declarations, when not the warehouse's own. */
  readonly cubes?: URL
}

export interface RebuildDeps {
  /** At most `limit` entries with numbers above `after`, in order. */
  readonly entriesAfter: (after: JournalNumber, limit: number) => Promise<readonly JournalEntry[]>
  /** Told after each batch, the journal number reached. */
  readonly progress: (position: JournalNumber) => void
}

export interface Warehouse {
  readonly follower: Follower
  /** How many entries wait, as of the last batch. */
  readonly waiting: () => WaitingCounts
  readonly parked: (wish: ParkedWish) => Promise<readonly ParkedRow[]>
  /** Takes the body of a request as it came. Fails with `not-found` for an unknown cube and with `query-invalid`. */
  readonly query: (cube: string, body: unknown) => Promise<Result<CubeAnswer>>
  /** Takes the body of a request as it came. Fails with `not-found` for an unknown cube and with `query-invalid`. */
  readonly drill: (cube: string, body: unknown) => Promise<Result<DrillAnswer>>
  /** SHA-256 over all rows without surrogate keys, in hexadecimal. */
  readonly digest: () => Promise<string>
  /**
   * Builds all of it from the journal in `<file>.next` while the live copy goes on answering and following, then puts it in the live one's place; who asks meanwhile
   * waits for the blink of that. Gives the journal number reached. Fails with `data-in-use` when a rebuild runs.
   */
  readonly rebuild: (deps: RebuildDeps) => Promise<Result<JournalNumber>>
  readonly close: () => Promise<void>
}

/** What can be asked, which no data is needed for. */
export const describeCubes = async (folder?: URL): Promise<readonly CubeDescription[]> => modelOf(await loadCubes(folder)).cubes.map(describeCube)

const batchEntries = 500

/** Opens the multidimensional database in a file, which is made when it is not there. Fails with `data-in-use`. */
export const openWarehouse = async (options: WarehouseOptions): Promise<Result<Warehouse>> => {
  const model = modelOf(await loadCubes(options.cubes))
  const store = await openStore(options.file, model, options)
  if (!store.ok) return store
  const gate = makeGate(store.value)
  return ok({
    follower: {
      name: store.value.follower.name,
      position: () => gate.use(({ follower }) => follower.position()),
      apply: (after, entries) => gate.use(({ follower }) => follower.apply(after, entries)),
    },
    waiting: () => gate.look().follower.waiting(),
    parked: (wish) => gate.use(({ engine }) => engine.read((tx) => listParked(tx, wish))),
    query: async (name, body) => {
      const cube = cubeNamed(model, name)
      if (!cube.ok) return cube
      const query = parseCubeQuery(body)
      if (!query.ok) return query
      const plan = planQuery(cube.value, query.value)
      return plan.ok ? gate.use(({ engine }) => withinMemory(engine, () => runQuery(engine, plan.value))) : plan
    },
    drill: async (name, body) => {
      const cube = cubeNamed(model, name)
      if (!cube.ok) return cube
      const query = parseDrillQuery(body)
      return query.ok ? gate.use(({ engine }) => withinMemory(engine, () => drill(engine, cube.value, query.value))) : query
    },
    digest: () => gate.use(({ engine }) => digestOf(engine, model)),
    rebuild: (deps) => rebuild(options, model, gate, deps),
    close: () => gate.use(({ engine }) => engine.close()),
  })
}

const cubeNamed = (model: Model, name: string): Result<Cube> => {
  const cube = model.cubes.find((one) => one.name === name)
  return cube === undefined ? fail('not-found', 'cube', `There is no cube '${name.slice(0, 60)}'; there are ${model.cubes.map((one) => one.name).join(', ')}.`) : ok(cube)
}

const rebuild = async (options: WarehouseOptions, model: Model, gate: ReturnType<typeof makeGate<Store>>, deps: RebuildDeps): Promise<Result<JournalNumber>> => {
  const file = `${options.file}.next`
  const store = await openStore(file, model, options, true)
  if (!store.ok) return store
  const next = store.value
  try {
    await catchUp(next, deps)
    let reached = 0
    await gate.exchange(async (live) => {
      // The live copy went on following; nobody may see the position go back.
      reached = await catchUp(next, deps)
      await next.engine.close()
      await live.engine.close()
      await replaceFile(file, options.file)
      const opened = await openStore(options.file, model, options)
      if (!opened.ok) throw new Error(opened.detail)
      return opened.value
    })
    return ok(reached)
  } catch (error) {
    await next.engine.close()
    throw error
  }
}

/** Applies the journal until its end and gives the position. */
const catchUp = async ({ follower }: Store, deps: RebuildDeps): Promise<JournalNumber> => {
  let position = await follower.position()
  for (let entries = await deps.entriesAfter(position, batchEntries); entries.length > 0; entries = await deps.entriesAfter(position, batchEntries)) {
    if (!await follower.apply(position, entries)) throw new Error('Somebody else writes to the copy that is being built.')
    position += entries.length
    deps.progress(position)
  }
  return position
}
