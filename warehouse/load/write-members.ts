import type { Writer } from '../engines/engine.js'
import type { Member } from '../model/dimension.js'
import type { TableDimension } from '../model/model.js'
import type { KnownMembers, KnownRows } from './known-rows.js'

/** Adds the members that are new, corrects the attributes of the others, and gives the key of each. */
export const writeMembers = async (tx: Writer, { members: table }: TableDimension, members: ReadonlyMap<string, Member>, known: KnownRows): Promise<ReadonlyMap<string, number>> => {
  const rows = known.membersOf(table.table)
  await readMembers(tx, table, [...members.keys()].filter((member) => rows.get(member) === undefined && !rows.lacks(member)), rows)
  const added = [...members.values()].filter(({ key }) => rows.get(key) === undefined)
  if (added.length > 0) await addMembers(tx, table, added, await known.takeKeys(tx, table.table, added.length), rows)
  for (const name of table.attributes) await correctAttribute(tx, table.table, name, members, rows)
  return new Map([...members.keys()].flatMap((member) => {
    const row = rows.get(member)
    return row === undefined ? [] : [[member, row.key] as const]
  }))
}

type Rows = KnownMembers
type Table = TableDimension['members']

const readMembers = async (tx: Writer, { table, attributes }: Table, wanted: readonly string[], rows: Rows): Promise<void> => {
  if (wanted.length === 0) return
  const found = await tx.rows(`select ${['key', 'member', ...attributes].join(', ')} from ${table} where member in (select unnest($1::varchar[]))`, [wanted])
  for (const row of found) rows.learn(String(row['member']), { key: Number(row['key']), attributes: Object.fromEntries(attributes.map((name) => [name, textOf(row[name])])) })
}

const textOf = (value: string | number | boolean | null | undefined): string | null => (value === null || value === undefined ? null : String(value))

const addMembers = async (tx: Writer, { table, linked, attributes }: Table, added: readonly Member[], firstKey: number, rows: Rows): Promise<void> => {
  const told = added.map((member, at) => ({ key: firstKey + at, member: member.key, attributes: Object.fromEntries(attributes.map((name) => [name, member.attributes[name] ?? null])) }))
  await tx.append(table, told.map(({ key, member, attributes: values }) => [key, member, ...(linked ? [key, null] : []), ...attributes.map((name) => values[name] ?? null)]))
  for (const { key, member, attributes: values } of told) rows.put(member, { key, attributes: values })
}

const correctAttribute = async (tx: Writer, table: string, name: string, members: ReadonlyMap<string, Member>, rows: Rows): Promise<void> => {
  const changed = [...members.values()].flatMap(({ key: member, attributes }) => {
    const [value, row] = [attributes[name], rows.get(member)]
    return value === undefined || row === undefined || value === row.attributes[name] ? [] : [{ member, value, row }]
  })
  if (changed.length === 0) return
  await tx.run(
    `update ${table} set ${name} = told.value from (select unnest($1::varchar[]) as member, unnest($2::varchar[]) as value) told where ${table}.member = told.member`,
    [changed.map(({ member }) => member), changed.map(({ value }) => value)])
  for (const { member, value, row } of changed) rows.put(member, { key: row.key, attributes: { ...row.attributes, [name]: value } })
}
