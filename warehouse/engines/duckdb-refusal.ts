/** A value that its column has no room for; it never reaches DuckDB. */
const valueError = 'value-error'

const isRefusedValue = (error: unknown): boolean => error instanceof Error && 'refuses' in error && error.refuses === valueError

/** Makes values for DuckDB, which hangs on nothing but them: whatever is thrown is their fault, and always will be. */
export const makeValues = <T>(make: () => T): T => {
  try {
    return make()
  } catch (error) {
    throw Object.assign(new Error(`A value has no room in its column: ${error instanceof Error ? error.message : String(error)}`, { cause: error }), { refuses: valueError })
  }
}

/** What DuckDB says before its own words, where data is at fault (its ExceptionType); it has no codes that @duckdb/node-api would give. */
const kinds: ReadonlyMap<string, string> = new Map([['Constraint Error', 'constraint-error'], ['Conversion Error', 'conversion-error'], ['Out of Range Error', 'out-of-range-error']])

/** Appenders say no kind: of what they say these are constraints; a full disk, missing memory and all else are not data's fault. */
const brokenConstraint = /^Failed to append: (NOT NULL constraint failed|CHECK constraint failed|PRIMARY KEY or UNIQUE constraint violation)/

/** See Engine.refusalOf. Held against the errors of the real DuckDB in test/warehouse/engines/duckdb-refusal. */
export const duckDbRefusalOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  if (isRefusedValue(error)) return valueError
  return brokenConstraint.test(error.message) ? 'constraint-error' : kinds.get(error.message.split(':', 1)[0] ?? '')
}

/** See Engine.lacksMemory. */
export const duckDbLacksMemory = (error: unknown): boolean => error instanceof Error && error.message.startsWith('Out of Memory Error')
