import type pg from 'pg'
import { fail, ok, type Result } from '../../schemas/result.js'

const existingDatabases = (client: pg.Client) => client.query<{ datname: string }>('select datname from pg_database')

// Copying files beats logging every page three to one on a server that has just started and has nothing to checkpoint.
const createDatabase = (client: pg.Client, name: string) => client.query(`create database ${client.escapeIdentifier(name)} template template0 strategy file_copy`)

/** Creates those of the databases that the server does not have. Fails with the server's words, for instance on a full disk. */
export const createMissingDatabases = async (client: pg.Client, names: readonly string[]): Promise<Result<void>> => {
  try {
    const existing = new Set((await existingDatabases(client)).rows.map(row => row.datname))
    for (const name of names.filter(wanted => !existing.has(wanted))) await createDatabase(client, name)
    return ok(undefined)
  } catch (error) {
    return fail('database-unavailable', 'postgres', `A database cannot be created: ${error instanceof Error ? error.message : String(error)}`)
  }
}
