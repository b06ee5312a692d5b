import type { Tx } from '../ops/database.js'

/** A file of a set, as it is stored. */
interface StoredFile {
  readonly path: string
  readonly text: string
}

/** A version of a set: what it was compiled from and what it can be held against. */
export interface SchemaSetVersion {
  readonly name: string
  readonly version: string
  readonly files: readonly StoredFile[]
  readonly root: string | undefined
  readonly elements: readonly string[]
  readonly jsonRoot: string | undefined
}

/** A set in force. */
export interface StoredSchemaSet {
  readonly name: string
  readonly version: string
  readonly mode: 'refuse' | 'warn'
  readonly channels: readonly string[]
  readonly format: string | undefined
  readonly elements: readonly string[]
  readonly jsonRoot: string | undefined
  /** UTC. */
  readonly registeredAt: string
  readonly registeredBy: string
}

/** Keeps a version unless it is kept already; one that was used is never changed. */
export const keepSchemaSetVersion = (tx: Tx, { name, version, files, root, elements, jsonRoot }: SchemaSetVersion): Promise<unknown> =>
  tx.query(`
    insert into schema_set_version (name, version, files, root, elements, json_root) values ($1, $2, $3, $4, $5, $6) on conflict (name, version) do nothing`,
  [name, version, JSON.stringify(files), root ?? null, elements, jsonRoot ?? null])

/** Puts a version in force, in place of the one before. */
export const putSchemaSet = (tx: Tx, set: Pick<StoredSchemaSet, 'name' | 'version' | 'mode' | 'channels' | 'format' | 'registeredBy'>): Promise<unknown> =>
  tx.query(`
    insert into schema_set (name, version, mode, channels, format, registered_by) values ($1, $2, $3, $4, $5, $6)
    on conflict (name) do update
    set version = excluded.version, mode = excluded.mode, channels = excluded.channels, format = excluded.format, registered_by = excluded.registered_by, registered_at = now()`,
  [set.name, set.version, set.mode, set.channels, set.format ?? null, set.registeredBy])

/** Whether there was one. Its versions stay. */
export const deleteSchemaSet = async (tx: Tx, name: string): Promise<boolean> =>
  (await tx.query('delete from schema_set where name = $1 returning name', [name])).length > 0

interface SetRow extends Omit<StoredSchemaSet, 'format' | 'jsonRoot'> {
  readonly format: string | null
  readonly jsonRoot: string | null
}

/** The sets in force, by name. */
export const schemaSets = async (tx: Tx): Promise<readonly StoredSchemaSet[]> => {
  const rows = await tx.query<SetRow>(`
    select name, version, mode, channels, format, elements, json_root as "jsonRoot", schema_set.registered_at as "registeredAt", registered_by as "registeredBy"
    from schema_set join schema_set_version using (name, version) order by name`)
  return rows.map((row) => ({ ...row, format: row.format ?? undefined, jsonRoot: row.jsonRoot ?? undefined }))
}

/** Changes with every change of what is in force. */
export const schemaSetsMark = async (tx: Tx): Promise<string> => {
  const [row] = await tx.query<{ mark: string }>(`select coalesce(string_agg(concat_ws(' ', name, version, mode, channels::text, format, registered_at::text), ',' order by name), '') as mark from schema_set`)
  return row?.mark ?? ''
}

/** The files of a version, in force or not. */
export const schemaSetFiles = async (tx: Tx, name: string, version: string): Promise<Pick<SchemaSetVersion, 'files' | 'root'> | undefined> => {
  const [row] = await tx.query<{ files: readonly StoredFile[], root: string | null }>('select files, root from schema_set_version where name = $1 and version = $2', [name, version])
  return row === undefined ? undefined : { files: row.files, root: row.root ?? undefined }
}

/** Every version that a set ever had, the latest first, with how many parts of messages were held against it last. */
export const schemaSetVersions = (tx: Tx, name: string): Promise<readonly { readonly version: string, readonly registeredAt: string, readonly parts: number }[]> =>
  tx.query(`
    select version, registered_at as "registeredAt", (select count(*) from schema_use where schema_use.name = schema_set_version.name and schema_use.version = schema_set_version.version) as parts
    from schema_set_version where name = $1 order by registered_at desc, version`, [name])
