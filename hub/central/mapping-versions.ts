import type { Tx } from '../ops/database.js'

/** The files that a format's mapping was compiled from, by name. */
export interface MappingVersion {
  readonly format: string
  readonly version: string
  readonly files: Readonly<Record<string, string>>
}

/** Keeps versions that are not kept yet; one that was used is never changed. */
export const keepMappingVersions = async (tx: Tx, versions: readonly MappingVersion[]): Promise<void> => {
  const kept = new Set((await tx.query<Pick<MappingVersion, 'format' | 'version'>>('select format, version from mapping_version')).map(({ format, version }) => `${format} ${version}`))
  const missing = versions.filter(({ format, version }) => !kept.has(`${format} ${version}`))
  if (missing.length > 0) await insertVersions(tx, missing)
}

const insertVersions = (tx: Tx, versions: readonly MappingVersion[]): Promise<unknown> =>
  tx.query(`
    insert into mapping_version (format, version, files)
    select * from unnest($1::text[], $2::text[], $3::jsonb[]) on conflict (format, version) do nothing`,
  [versions.map(({ format }) => format), versions.map(({ version }) => version), versions.map(({ files }) => JSON.stringify(files))])

/** With the texts of the description that it was held against, which stand once for all formats of a language and which its own texts name by their version. */
const selectWhole = `
  select own.format, own.version, own.files || coalesce(description.files, '{}') as files
    from mapping_version own
    left join mapping_version description on description.format = split_part(own.format, '/', 1) and description.version = own.files ->> (split_part(own.format, '/', 1) || '/description.version')`

export const mappingVersion = async (tx: Tx, format: string, version: string): Promise<MappingVersion | undefined> => {
  const [row] = await tx.query<MappingVersion>(`${selectWhole} where own.format = $1 and own.version = $2`, [format, version])
  return row
}

/** A version by itself: it is a hash over what it was made of, and no two formats have one in common. */
export const mappingByVersion = async (tx: Tx, version: string): Promise<MappingVersion | undefined> => {
  const [row] = await tx.query<MappingVersion>(`${selectWhole} where own.version = $1 and own.format like '%/%' order by own.format limit 1`, [version])
  return row
}
