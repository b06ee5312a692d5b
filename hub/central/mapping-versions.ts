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

export const mappingVersion = async (tx: Tx, format: string, version: string): Promise<MappingVersion | undefined> => {
  const [row] = await tx.query<MappingVersion>('select format, version, files from mapping_version where format = $1 and version = $2', [format, version])
  return row
}

/** A version by itself: it is a hash over what it was made of, and no two formats have one in common. */
export const mappingByVersion = async (tx: Tx, version: string): Promise<MappingVersion | undefined> => {
  const [row] = await tx.query<MappingVersion>('select format, version, files from mapping_version where version = $1 and format like \'%/%\' order by format limit 1', [version])
  return row
}
