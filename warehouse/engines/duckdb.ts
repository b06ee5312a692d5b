import { resolve } from 'node:path'
import { DuckDBDataChunk, DuckDBInstance, type DuckDBConnection, type DuckDBType } from '@duckdb/node-api'
import { fail, ok, type Result } from '../../schemas/result.js'
import { duckDbLacksMemory, duckDbRefusalOf, makeValues } from './duckdb-refusal.js'
import { boundParameter, cellOf, refuseFloats, storedValue } from './duckdb-values.js'
import type { Cell, Engine, Parameter, Row, Reader, Writer } from './engine.js'
import { makePool, makeQueue } from './queue.js'

export interface DuckDbOptions {
  /** For pages of its tables, which it keeps as long as there is room, and for what is being asked. 1 GiB unless said; DuckDB's own default is four fifths of the machine. */
  readonly memoryBytes?: number
  readonly threads?: number
}

const readers = 4
const chunkRows = 2048

// The operating system's file lock keeps other processes out and lets a second instance of the same process in, which would corrupt the file.
const openFiles = new Set<string>()

/** Opens or creates the file. Fails with `data-in-use` when this or another process has it open. */
export const openDuckDb = async (file: string, options: DuckDbOptions = {}): Promise<Result<Engine>> => {
  const path = resolve(file)
  if (openFiles.has(path)) return inUse(file)
  openFiles.add(path)
  try {
    const instance = await DuckDBInstance.create(path, settings(options))
    return ok(await engineOn(instance, () => openFiles.delete(path)))
  } catch (error) {
    openFiles.delete(path)
    if (error instanceof Error && /could not set lock/i.test(error.message)) return inUse(file)
    throw error
  }
}

const inUse = (file: string): Result<Engine> => fail('data-in-use', file, 'The warehouse file is open already; one process owns it.')

const settings = (options: DuckDbOptions): Record<string, string> => ({
  memory_limit: `${Math.floor((options.memoryBytes ?? 2 ** 30) / 2 ** 20)}MiB`,
  ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
  // The database reaches no file but its own and loads nothing.
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
})

const engineOn = async (instance: DuckDBInstance, released: () => void): Promise<Engine> => {
  const writing = await instance.connect()
  await writing.run('set lock_configuration = true')
  const reading = await Promise.all(Array.from({ length: readers }, () => instance.connect()))
  const pool = makePool(reading)
  const queue = makeQueue()
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await pool.drain()
    await writing.run('checkpoint')
    for (const connection of [...reading, writing]) connection.closeSync()
    instance.closeSync()
    released()
  }
  return {
    read: (work) => pool.use((connection) => inTransaction(connection, 'begin transaction read only', () => work(readerOn(connection)))),
    write: (work) => queue(() => inTransaction(writing, 'begin transaction', () => work(writerOn(writing)))),
    refusalOf: duckDbRefusalOf,
    lacksMemory: duckDbLacksMemory,
    close: () => closing ??= queue(close),
  }
}

const inTransaction = async <T>(connection: DuckDBConnection, begin: string, work: () => Promise<T>): Promise<T> => {
  await connection.run(begin)
  try {
    const value = await work()
    await connection.run('commit')
    return value
  } catch (error) {
    // A failed commit has already ended the transaction; the first error is the one to tell.
    await connection.run('rollback').catch(() => undefined)
    throw error
  }
}

const bound = (parameters: readonly Parameter[]): [ReturnType<typeof boundParameter>['value'][], ReturnType<typeof boundParameter>['type'][]] => {
  const all = makeValues(() => parameters.map(boundParameter))
  return [all.map((one) => one.value), all.map((one) => one.type)]
}

const readerOn = (connection: DuckDBConnection): Reader => ({
  rows: async (sql, parameters = []) => {
    const result = await connection.runAndReadAll(sql, ...bound(parameters))
    refuseFloats(result.columnTypes())
    return result.getRowObjects().map(rowOf)
  },
  stream: async function* (sql) {
    const result = await connection.stream(sql)
    refuseFloats(result.columnTypes())
    for await (const rows of result.yieldRowObjects()) yield rows.map(rowOf)
  },
})

const rowOf = (row: Record<string, Parameters<typeof cellOf>[0]>): Row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]))

const writerOn = (connection: DuckDBConnection): Writer => ({
  ...readerOn(connection),
  run: async (sql, parameters = []) => (await connection.run(sql, ...bound(parameters))).rowsChanged,
  append: async (table, rows) => {
    if (rows.length === 0) return
    const appender = await connection.createAppender(table)
    try {
      const types = Array.from({ length: appender.columnCount }, (_, column) => appender.columnType(column))
      for (let from = 0; from < rows.length; from += chunkRows) appender.appendDataChunk(makeValues(() => chunkOf(types, rows.slice(from, from + chunkRows))))
      appender.closeSync()
    } catch (error) {
      // What it still holds it would write whenever it is collected, into another transaction.
      appender.clear()
      throw error
    }
  },
})

const chunkOf = (types: readonly DuckDBType[], rows: readonly (readonly Cell[])[]): DuckDBDataChunk => {
  const chunk = DuckDBDataChunk.create(types, rows.length)
  chunk.setColumns(types.map((type, column) => rows.map((row) => storedValue(row[column] ?? null, type))))
  return chunk
}
