import { setTimeout as sleep } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDuckDb } from '../../../warehouse/engines/duckdb.js'
import type { Cell, Engine, Writer } from '../../../warehouse/engines/engine.js'
import { temporaryFolder, valueOf } from '../temporary-warehouse.js'

let engine: Engine
beforeAll(async () => {
  engine = valueOf(await openDuckDb(`${await temporaryFolder()}/w.duckdb`, { memoryBytes: 60_000_000 }))
  await engine.write(async (tx) => {
    await tx.run(`create table t (number integer not null, kind enum('a', 'b'), amount decimal(38, 14), day date, text varchar check (text <> 'bad'), code usmallint)`)
    await tx.run('create table once (number integer primary key)')
  })
})
afterAll(() => engine.close())

const good: readonly Cell[] = [1, 'a', '1', '2026-11-30', 'good', 1]
const cellsWith = (at: number, cell: Cell): readonly Cell[] => good.map((other, column) => (column === at ? cell : other))
/** What `work` is refused with; undefined where it fails otherwise. */
const refusalOf = async (work: (tx: Writer) => Promise<unknown>): Promise<string | undefined> => {
  const failed = await engine.write(work).then(() => { throw new Error('It was taken.') }, (error: unknown) => error)
  if (failed instanceof Error && failed.message === 'It was taken.') throw failed
  return engine.refusalOf(failed)
}
const appending = (...rows: readonly (readonly Cell[])[]) => (tx: Writer): Promise<void> => tx.append('t', rows)
const running = (sql: string) => (tx: Writer): Promise<unknown> => tx.run(sql)

describe('what DuckDB will always refuse', () => {
  it.each([
    ['a missing value', appending(cellsWith(0, null)), 'constraint-error'],
    ['a broken check', appending(cellsWith(4, 'bad')), 'constraint-error'],
    ['a number that is there', (tx: Writer) => tx.append('once', [[1], [1]]), 'constraint-error'],
    ['a number above its type', appending(cellsWith(0, 2 ** 31)), 'value-error'],
    ['a number below its type', appending(cellsWith(5, -1)), 'value-error'],
    ['a fraction of a whole number', appending(cellsWith(0, 1.5)), 'value-error'],
    ['a word that the enum has not', appending(cellsWith(1, 'c')), 'value-error'],
    ['a decimal with 39 digits', appending(cellsWith(2, '1000000000000000000000000')), 'value-error'],
    ['a decimal that is none', appending(cellsWith(2, 'ten')), 'value-error'],
    ['a day that is none', appending(cellsWith(3, '2026-02-31')), 'value-error'],
    ['a day beyond all', appending(cellsWith(3, '9999999-01-01')), 'value-error'],
    ['a number where a text belongs', appending(cellsWith(4, 1)), 'value-error'],
    ['a parameter that is no whole number', (tx: Writer) => tx.rows('select $1', [1.5]), 'value-error'],
    ['a row that a statement breaks', running(`insert into t (number, text) values (1, 'bad')`), 'constraint-error'],
    ['a text that is no day', running(`insert into t (number, day) values (1, cast('2026-02-31' as date))`), 'conversion-error'],
    ['a sum beyond its type', running('select sum(amount) from (select cast(repeat(\'9\', 24) as decimal(38, 14)) as amount from range(100))'), 'out-of-range-error'],
  ] as const)('%s', async (_name, work, cause) => {
    expect(await refusalOf(work)).toBe(cause)
  })
})

describe('what is not the data\'s fault', () => {
  it.each([
    ['memory that runs out while rows are appended', appending(cellsWith(4, 'y'.repeat(80_000_000)))],
    ['memory that runs out in a statement', running('select list(r) from (select repeat(\'x\', 100000) || r as r from range(5000) t(r))')],
    ['a table that is not there', running('select * from nowhere')],
    ['a statement that is none', running('selec 1')],
    ['a fault of the hub\'s own', () => Promise.reject(new TypeError('undefined is not a function'))],
  ] as const)('%s', async (_name, work) => {
    expect(await refusalOf(work)).toBeUndefined()
  })

  it('an interruption, a conflict, a closed connection', async () => {
    const instance = await DuckDBInstance.create(':memory:')
    const [one, other] = [await instance.connect(), await instance.connect()]
    await one.run('create table t as select 1 as n')
    const failure = async (work: () => Promise<unknown>): Promise<unknown> => work().then(() => undefined, (error: unknown) => error)
    const interrupted = failure(async () => {
      setTimeout(() => { one.interrupt() }, 50)
      await one.run('select count(*) from range(1000000) a, range(1000000) b')
    })
    const failures = [await interrupted]
    for (const connection of [one, other]) await connection.run('begin')
    await other.run('update t set n = 2')
    failures.push(await failure(() => one.run('update t set n = 3')))
    one.closeSync()
    failures.push(await failure(() => one.run('select 1')))
    expect(failures.map((error) => (error instanceof Error ? error.message : ''))).toEqual([expect.stringContaining('INTERRUPT Error'), expect.stringContaining('Conflict on update'), expect.stringContaining('disconnected')])
    expect(failures.map(engine.refusalOf)).toEqual([undefined, undefined, undefined])
    other.closeSync()
    instance.closeSync()
  })
})

it('leaves nothing of rows that were refused for a transaction that comes later', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const many = (last: readonly Cell[]): readonly (readonly Cell[])[] => [...Array.from({ length: 2048 }, () => good), last]
  for (const last of [cellsWith(3, '2026-02-31'), cellsWith(4, 'bad')]) {
    await refusalOf(appending(...many(last)))
    await engine.write(async (tx) => {
      for (let turn = 0; turn < 3; turn += 1) {
        collect()
        await sleep(10)
      }
      await tx.append('t', [good])
    })
  }
  expect(await engine.read((tx) => tx.rows('select count(*) as rows from t'))).toEqual([{ rows: 2 }])
})
