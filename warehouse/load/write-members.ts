import type { Writer } from '../engines/engine.js'
import type { Member } from '../model/dimension.js'
import type { TableDimension } from '../model/model.js'

/** Adds the members that are new, corrects the attributes of the others, and gives the key of each. */
export const writeMembers = async (tx: Writer, { members: table }: TableDimension, members: ReadonlyMap<string, Member>): Promise<ReadonlyMap<string, number>> => {
  const known = new Map((await tx.rows(`select * from ${table.table} where member in (select unnest($1::varchar[]))`, [[...members.keys()]])).map((row) => [String(row['member']), row]))
  const keys = new Map([...known].map(([member, row]) => [member, Number(row['key'])]))
  const added = [...members.values()].filter(({ key }) => !known.has(key))
  const next = added.length === 0 ? 0 : await nextKey(tx, table.table)
  for (const [at, { key }] of added.entries()) keys.set(key, next + at)
  await tx.append(table.table, added.map(({ key, attributes }) => {
    const own = keys.get(key) ?? null
    return [own, key, ...(table.linked ? [own, null] : []), ...table.attributes.map((name) => attributes[name] ?? null)]
  }))
  for (const name of table.attributes) {
    const changed = [...members.values()].filter(({ key, attributes }) => {
      const row = known.get(key)
      return row !== undefined && attributes[name] !== undefined && attributes[name] !== row[name]
    })
    if (changed.length === 0) continue
    await tx.run(
      `update ${table.table} set ${name} = told.value from (select unnest($1::varchar[]) as member, unnest($2::varchar[]) as value) told where ${table.table}.member = told.member`,
      [changed.map(({ key }) => key), changed.map(({ attributes }) => attributes[name] ?? null)])
  }
  return keys
}

const nextKey = async (tx: Writer, table: string): Promise<number> => Number((await tx.rows(`select coalesce(max(key), 0) + 1 as key from ${table}`))[0]?.['key'])
