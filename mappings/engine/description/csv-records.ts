import type { CsvRow } from '../../../schemas/csv-reader.js'
import { mostParts, type Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { leavesOf, membersAt, membersByName, nodeOf, type MembersByName } from './csv-tables.js'
import { resolveType, type Description, type Member } from './description.js'

/** A record that may hold further ones, while the rows behind it are read. */
interface Open {
  readonly member: Member
  readonly node: Node
  readonly children: Node[]
}

/**
 * Rows whose first column says which record they are. A record belongs to the nearest one before it that may hold it; the first record of a document begins a new one. What nobody
 * knows stays with the document, its columns counted.
 */
export const readRecords = (language: string, description: Description, rows: readonly CsvRow[]): Result<readonly Node[]> => {
  const documents = [...description.documents.values()]
  const beginning = new Map(documents.toReversed().map((document) => [membersAt(description, document)[0]?.name ?? '', document] as const))
  const columnsOf = valuesIn(description)
  const membersIn = membersByName(description)
  const found: Node[] = []
  let open: Open[] = []
  for (const row of rows) {
    const [type, ...cells] = row
    if (type === undefined) continue
    const name = type.text.trim()
    const starts = name === '' ? undefined : beginning.get(name)
    if (starts !== undefined) {
      open = [opened(starts, nodeOf(starts.name, type, [], language))]
      found.push(...open.map(({ node }) => node))
      if (found.length > mostParts) return fail('limit-exceeded', `${type.line}:1`, `There are more than ${mostParts} documents in the table; send them in several messages.`)
    }
    if (open.length === 0) return fail('csv-not-well-formed', `${type.line}:${type.column}`, `The first row is of the record ${JSON.stringify(type.text.slice(0, 40))}; a document begins with ${documents.flatMap((document) => membersAt(description, document).slice(0, 1)).map(({ name }) => name).join(' or ')}.`)
    while (open.length > 1 && memberOf(description, membersIn, open.at(-1), name) === undefined) open.pop()
    const above = open.at(-1)
    const member = memberOf(description, membersIn, above, name)
    const columns = member === undefined ? [] : columnsOf(member)
    const extra = cells.slice(columns.length).map((_, index) => ({ name: `column_${columns.length + index + 2}` }))
    const node = { ...nodeOf(stepOf(name), type, [...leavesOf([...columns, ...extra], cells)]), ...(member === undefined || member.max > 1 ? { listed: true as const } : {}) }
    const one = member === undefined ? undefined : opened(member, node)
    above?.children.push(one?.node ?? node)
    if (one !== undefined) open.push(one)
  }
  return found.length === 0 ? fail('message-empty', '1:1', 'The table has no rows.') : ok(found)
}

const stepOf = (name: string): string => (/^[\p{L}_][\p{L}\p{M}\p{N}_.-]*$/u.test(name) ? name : `record_${name.replace(/[^\p{L}\p{M}\p{N}_.-]+/gu, '_')}`)

const opened = (member: Member, node: Node): Open => {
  const children = [...node.children]
  return { member, node: { ...node, children }, children }
}

const memberOf = (description: Description, membersIn: MembersByName, open: Open | undefined, name: string): Member | undefined => {
  const member = open === undefined ? undefined : membersIn(open.member).get(name)
  return member !== undefined && resolveType(description, member.type).form === 'tree' ? member : undefined
}

/** The columns of a record, put together once for each. */
const valuesIn = (description: Description): ((member: Member) => readonly Member[]) => {
  const known = new Map<Member, readonly Member[]>()
  return (member) => {
    const made = known.get(member) ?? membersAt(description, member).filter((one) => resolveType(description, one.type).form === 'value')
    known.set(member, made)
    return made
  }
}

/** Each record before those that it holds, in the order of the description. */
export const recordRowsOf = (description: Description, roots: readonly Node[]): readonly (readonly string[])[] => {
  const documents = [...description.documents.values()]
  const rowsIn = (node: Node, member: Member): readonly (readonly string[])[] => {
    const members = membersAt(description, member)
    return members.filter((one) => resolveType(description, one.type).form === 'tree').flatMap((record) => node.children.filter(({ name }) => name === record.name).flatMap((child) => [rowOf(child, record), ...rowsIn(child, record)]))
  }
  const rowOf = (node: Node, member: Member): readonly string[] =>
    [member.name, ...membersAt(description, member).filter((one) => resolveType(description, one.type).form === 'value').map(({ name }) => node.children.find((child) => child.name === name)?.text ?? '')]
  return roots.flatMap((root) => {
    const document = documents.find(({ name }) => name === root.name)
    return document === undefined ? [] : rowsIn(root, document)
  })
}
