import { fail, type Result } from '../../schemas/result.js'
import type { Engine } from '../engines/engine.js'

/** Answers a question. Fails with `query-invalid` where that takes more memory than the warehouse may have: the next question finds room again. */
export const withinMemory = async <T>(engine: Engine, answer: () => Promise<Result<T>>): Promise<Result<T>> => {
  try {
    return await answer()
  } catch (error) {
    if (!engine.lacksMemory(error)) throw error
    return fail('query-invalid', '', 'The answer takes more memory than the warehouse may have; ask for fewer levels, filter, or give it more (warehouse.memoryBytes).')
  }
}
