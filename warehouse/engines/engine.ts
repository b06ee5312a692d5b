/** What stands in a column: decimals in canonical spelling, dates as `2026-11-30`, whole numbers as numbers. Never a float. */
export type Cell = string | number | boolean | null
export type Row = Readonly<Record<string, Cell>>
export type Parameter = string | number | boolean | null | readonly (string | null)[] | readonly number[]

export interface Reader {
  readonly rows: (sql: string, parameters?: readonly Parameter[]) => Promise<readonly Row[]>
  /** The same without holding all rows at once. */
  readonly stream: (sql: string) => AsyncIterable<readonly Row[]>
}

export interface Writer extends Reader {
  /** Runs a statement and says how many rows it changed. */
  readonly run: (sql: string, parameters?: readonly Parameter[]) => Promise<number>
  /** Adds rows in bulk, values in the order of the table's columns. A decimal that its column cannot hold exactly throws. */
  readonly append: (table: string, rows: readonly (readonly Cell[])[]) => Promise<void>
}

/** A columnar database that one process owns. */
export interface Engine {
  /** Everything that `work` reads is of one instant. */
  readonly read: <T>(work: (reader: Reader) => Promise<T>) => Promise<T>
  /** One transaction, one at a time: commits when `work` resolves, rolls back and rethrows when it rejects. */
  readonly write: <T>(work: (writer: Writer) => Promise<T>) => Promise<T>
  /**
   * For what `write` rejected with: the database's own class of refusal, where it will always refuse what was to be written; undefined where it failed for another reason (a full disk,
   * no memory, a fault of its own), so that the same may well succeed later.
   */
  readonly refusalOf: (error: unknown) => string | undefined
  /** Whether `read` or `write` rejected with this because the work needed more memory than the database may take. */
  readonly lacksMemory: (error: unknown) => boolean
  /** Waits for what runs, writes everything to the one file and gives it free. Closing again does nothing. */
  readonly close: () => Promise<void>
}
