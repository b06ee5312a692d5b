import { fail, ok, type Result } from '../../schemas/result.js'

/** What a store gave for an id, or that there is none. */
export const orNotFound = <T>(value: T | undefined, what: string, id: string): Result<T> =>
  (value === undefined ? fail('not-found', 'id', `There is no ${what} '${id}'.`) : ok(value))
