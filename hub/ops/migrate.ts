import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import type { Database, Tx } from './database.js'

interface Migration {
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

/**
 * Brings a schema to the newest numbered migration of `folder` (`0001-….sql`, in order), each in the one transaction that all share; creates the
 * schema first where it is missing. Throws when a migration that ran was edited afterwards, or when the database is newer than this program.
 */
export const migrate = async (database: Database, schema: string, folder: string): Promise<void> => {
  const migrations = await readMigrations(folder)
  await database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`chainhub migrate ${schema}`])
    await tx.query(`create schema if not exists ${schema}`)
    await tx.query('create table if not exists migration (name text primary key, sha256 text not null, applied_at timestamptz not null default now())')
    const applied = new Map((await appliedMigrations(tx)).map((row) => [row.name, row.sha256]))
    for (const migration of migrations) {
      const before = applied.get(migration.name)
      if (before === undefined) await apply(tx, migration)
      else if (before !== migration.sha256) throw new Error(`The migration ${migration.name} of ${schema} was edited after it ran.`)
      applied.delete(migration.name)
    }
    if (applied.size > 0) throw new Error(`The database has migrations that this program does not know: ${[...applied.keys()].join(', ')}. Start a newer Chainhub.`)
  })
}

const readMigrations = async (folder: string): Promise<readonly Migration[]> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(names.map(async (name) => {
    const sql = await readFile(join(folder, name), 'utf8')
    return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
  }))
}

const appliedMigrations = (tx: Tx) => tx.query<{ name: string, sha256: string }>('select name, sha256 from migration')

const apply = async (tx: Tx, migration: Migration): Promise<void> => {
  await tx.query(migration.sql)
  await tx.query('insert into migration (name, sha256) values ($1, $2)', [migration.name, migration.sha256])
}
