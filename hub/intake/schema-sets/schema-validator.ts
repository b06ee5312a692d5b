import { fail, ok, type Result } from '../../../schemas/result.js'
import type { SchemaSource, SchemaSummary } from './schema-set.js'
import type { Lost, ValidationThread } from './validation-thread.js'
import type { Check, Checked, Reply } from './worker-messages.js'

interface ValidatorDeps {
  /** A thread of its own; it loads libxml2 and ajv, so none is started before one is needed. */
  readonly startThread: () => ValidationThread
  /** The files of a set in force; undefined where it is stored no more. */
  readonly sourceOf: (key: string) => Promise<SchemaSource | undefined>
}

/** Holds documents against compiled sets in a thread, which is started when it is needed and anew when it died. */
export interface SchemaValidator {
  /** Compiles a set beside the ones in force, in a thread of its own that ends with it. Fails with schema-invalid. */
  readonly tryCompile: (source: SchemaSource) => Promise<Result<SchemaSummary>>
  /** Compiles a set of those in force, unless it is compiled already. */
  readonly prepare: (key: string) => Promise<void>
  /** Fails with schema-check-failed where the check itself takes too much time or memory, with schema-unavailable where a set cannot be had. */
  readonly check: (check: Check) => Promise<Result<Checked>>
  /** Gives up the memory of a set that is in force no more. */
  readonly forget: (key: string) => void
  readonly close: () => Promise<void>
}

const compileMs = 120_000
const checkMs = 2000
const checkMsPerMegabyte = 1000
/** A document may have been at work when the thread died of the one before. */
const mostCrashes = 2
const mostTries = 20

/** How long a check may take, in ms. */
const deadlineOf = (check: Check): number => {
  const length = check.syntax === 'xml' ? check.text.length : check.parts.reduce((sum, { text }) => sum + text.length, 0)
  return checkMs + Math.ceil(length / 1_000_000) * checkMsPerMegabyte
}

interface Live {
  readonly thread: ValidationThread
  readonly compiled: Map<string, Promise<Result<SchemaSummary> | Lost>>
}

export const makeSchemaValidator = ({ startThread, sourceOf }: ValidatorDeps): SchemaValidator => {
  let current: Live | undefined
  let closed = false
  const live = (): Live => {
    if (current?.thread.alive() !== true) current = { thread: startThread(), compiled: new Map() }
    return current
  }
  const compile = async ({ thread }: Live, key: string): Promise<Result<SchemaSummary> | Lost> => {
    const source = await sourceOf(key)
    return source === undefined ? unavailable(key) : summaryIn(await thread.ask({ type: 'compile', source }, compileMs))
  }
  const compiledIn = (at: Live, key: string): Promise<Result<SchemaSummary> | Lost> => {
    const known = at.compiled.get(key)
    if (known !== undefined) return known
    const compiling = compile(at, key)
    at.compiled.set(key, compiling)
    // What failed for the moment, a database that did not answer, is tried again by the next document.
    compiling.catch(() => at.compiled.delete(key))
    return compiling
  }
  /** The first set that is not there, or undefined. */
  const lackOf = async (at: Live, check: Check): Promise<Result<never> | Lost | undefined> => {
    for (const key of new Set(check.parts.flatMap(({ sets }) => sets))) {
      const summary = await compiledIn(at, key)
      if (typeof summary === 'string') return summary
      if (!summary.ok) return fail('schema-unavailable', key, `The schema set ${key} does not compile any more (${summary.at}: ${summary.detail}); register it again.`)
    }
    return undefined
  }
  const checkOnce = async (check: Check): Promise<Result<Checked> | Lost> => {
    const at = live()
    const lack = await lackOf(at, check)
    if (lack !== undefined) return lack === 'bystander' ? lack : typeof lack === 'string' ? fail('schema-unavailable', 'schema', 'A registered schema could not be compiled: it took too much time or memory.') : lack
    const reply = await at.thread.ask({ type: 'check', check }, deadlineOf(check))
    return typeof reply === 'string' ? reply : ok(reply.type === 'checked' ? reply.checked : [])
  }
  return {
    tryCompile: async (source) => {
      const thread = startThread()
      try {
        const summary = summaryIn(await thread.ask({ type: 'compile', source }, compileMs))
        return typeof summary === 'string' ? fail('schema-invalid', 'files', 'Compiling the schemas took too much time or memory; register fewer or simpler ones at once.') : summary
      } finally {
        await thread.close()
      }
    },
    prepare: async (key) => { await compiledIn(live(), key) },
    check: async (check) => {
      let crashes = 0
      for (let tries = 0; tries < mostTries && !closed; tries++) {
        const checked = await checkOnce(check)
        if (checked === 'slow') return tooMuch('time')
        if (checked === 'crashed' && ++crashes === mostCrashes) return tooMuch('memory')
        if (typeof checked !== 'string') return checked
      }
      return fail('schema-unavailable', 'schema', 'The thread that validates came to no answer; send the message again shortly.')
    },
    forget: (key) => {
      if (current?.compiled.delete(key) === true && current.thread.alive()) void current.thread.ask({ type: 'forget', key }, compileMs)
    },
    close: async () => {
      closed = true
      await current?.thread.close()
    },
  }
}

const unavailable = (key: string): Result<never> => fail('schema-unavailable', key, `The files of the schema set ${key} are not stored.`)

const tooMuch = (what: string): Result<never> => fail('schema-check-failed', '', `Holding the document against its registered schema took too much ${what}, so it was not accepted. Make the document or the schema's patterns simpler, and replay the message.`)

const summaryIn = (reply: Reply | Lost): Result<SchemaSummary> | Lost => {
  if (typeof reply === 'string') return reply
  if (reply.type !== 'compiled') throw new Error('a compilation was answered by something else')
  return reply.summary
}
