import { createHash } from 'node:crypto'
import { factTable, figureDigits, type Cube } from './cube.js'
import type { Dimension, MemberTable } from './dimension.js'
import { party } from './dimensions/party.js'

/** Everything that is declared, and what follows from it. */
export interface Model {
  readonly cubes: readonly Cube[]
  /** The dimensions that have a table, each once. */
  readonly dimensions: readonly TableDimension[]
  readonly ddl: readonly string[]
  /** Changes whenever a file that was built after another model has to be built anew. */
  readonly version: string
}

export interface TableDimension extends Dimension {
  readonly members: MemberTable
}

export const hasTable = (dimension: Dimension): dimension is TableDimension => dimension.members !== undefined

export const modelOf = (cubes: readonly Cube[]): Model => {
  // Decisions and issuers are about parties, whatever the cubes are about.
  const all = [party, ...cubes.flatMap((cube) => Object.values(cube.dimensions))].filter(hasTable)
  const dimensions = all.filter((dimension, at) => all.findIndex((other) => other.name === dimension.name) === at)
  const ddl = [...ownTables, ...dimensions.flatMap(memberDdl), ...cubes.map(factDdl)]
  const version = createHash('sha256').update(JSON.stringify([ddl, cubes.map(({ name, version }) => [name, version])])).digest('hex')
  return { cubes, dimensions, ddl, version }
}

/**
 * `document` holds the latest of each document of the cubes' kinds, with `head`, the latest revision that stands for it, and the entry that its first revision came
 * with; `left_out` why one has no rows in a cube; `shadowed` those that another system sent before, which no answer tells; `parked_entry` the entries that wait or were skipped, and `parked_key` what
 * those that wait hold.
 * Nothing is declared unique: DuckDB's indexes refuse a row deleted and added in one transaction, and keys are the follower's own.
 */
const ownTables: readonly string[] = [
  'create table if not exists position (number bigint not null, recorded_at varchar, epoch bigint not null, model varchar not null)',
  `create table if not exists document (key integer not null, head varchar not null, document_id varchar not null, message_id varchar not null, kind varchar not null,
    number varchar not null, revision integer not null, entry bigint not null, first_entry bigint not null, issuer integer, counts boolean not null)`,
  'create table if not exists left_out (document integer not null, cube varchar not null, place varchar not null, reason varchar not null)',
  'create table if not exists shadowed (document integer not null)',
  `create table if not exists parked_entry (entry bigint not null, state varchar not null, cause varchar, detail varchar, held_by bigint, document_id varchar, message_id varchar, system varchar,
    kind varchar, number varchar)`,
  'create table if not exists parked_key (key varchar not null, entry bigint not null)',
]

const memberDdl = ({ members }: TableDimension): readonly string[] => [
  `create table if not exists ${members.table} (key integer not null, member varchar not null${members.linked ? ', golden integer not null, founded bigint' : ''}${
    members.attributes.map((name) => `, ${name} varchar`).join('')})`,
  ...members.ddl,
]

const factDdl = (cube: Cube): string => {
  const columns = [
    ...Object.entries(cube.dimensions).map(([role, dimension]) => `"${role}" ${dimension.type}`),
    ...cube.figures.map((figure) => `"${figure}" decimal(38, ${figureDigits.fraction}) not null`),
  ]
  return `create table if not exists ${factTable(cube)} (document integer not null, ordinal integer not null, line varchar, ${columns.join(', ')})`
}
