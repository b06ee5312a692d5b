import { createHash } from 'node:crypto'
import type { Engine } from '../engines/engine.js'
import { factTable, type Cube } from '../model/cube.js'
import { hasTable, type Model, type TableDimension } from '../model/model.js'

/** SHA-256 over all rows in the order of what they mean, without surrogate keys: the same for every warehouse of the same journal. In hexadecimal. */
export const digestOf = (engine: Engine, model: Model): Promise<string> => engine.read(async (tx) => {
  const hash = createHash('sha256')
  const statements = [
    'select number, recorded_at from position',
    'select entry, state, cause, held_by from parked_entry order by entry',
    'select document_id, head, message_id, kind, number, revision, entry, first_entry, issuer.member, counts from document left join party issuer on issuer.key = document.issuer order by document_id',
    'select document_id from shadowed join document on document.key = shadowed.document order by document_id',
    'select document_id, cube, place, reason from left_out join document on document.key = left_out.document order by document_id, cube',
    ...model.dimensions.map(memberRows),
    ...model.cubes.map(factRows),
  ]
  for (const sql of statements) {
    hash.update(`${sql}\n`)
    for await (const rows of tx.stream(sql)) for (const row of rows) hash.update(`${JSON.stringify(Object.values(row))}\n`)
  }
  return hash.digest('hex')
})

const memberRows = ({ members: { table, attributes, linked } }: TableDimension): string => {
  const columns = ['own.member', ...(linked ? ['golden.member as golden', 'own.founded'] : []), ...attributes.map((name) => `own.${name}`)]
  return `select ${columns.join(', ')} from ${table} own${linked ? ` join ${table} golden on golden.key = own.golden` : ''} order by own.member`
}

const factRows = (cube: Cube): string => {
  const roles = Object.entries(cube.dimensions)
  const columns = [...roles.map(([role, dimension]) => (hasTable(dimension) ? `"${role}".member as "${role}"` : `f."${role}"`)), ...cube.figures.map((figure) => `f."${figure}"`)]
  const joins = roles.map(([role, dimension]) => (hasTable(dimension) ? ` left join ${dimension.members.table} "${role}" on "${role}".key = f."${role}"` : ''))
  return `select d.document_id, f.ordinal, f.line, ${columns.join(', ')} from ${factTable(cube)} f join document d on d.key = f.document${joins.join('')} order by d.document_id, f.ordinal`
}
