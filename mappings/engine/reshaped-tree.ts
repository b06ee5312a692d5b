import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { buildNode, childAt, type BuiltNode } from './built-node.js'
import { groupRows, ungroupRows, type Grouping } from './grouped-rows.js'
import { entryOf, textsOf, type Located } from './located-yaml.js'
import { isNamed, parseSourcePath, textsAt, type SourceSegment } from './source-path.js'

/** Between the flat records that are sent and the tree that a map is written for. */
export interface ReshapedTree {
  /** Each node keeps its place. Fails with value-invalid where a record stands below one that is not there, below itself or too deep, or two have one id. */
  readonly read: (root: Node) => Result<Node>
  /** Makes the records of a written tree flat again. */
  readonly write: (root: BuiltNode) => void
  /** The path in what is sent of one in the tree. */
  readonly asSent: (path: readonly SourceSegment[]) => readonly SourceSegment[]
  /** The ends of paths, by names, that the shape says and no rule reads: `Level/id`. */
  readonly pointers: readonly string[]
}

/** Records `step` that name the one above them by its id. */
interface Nesting {
  readonly step: SourceSegment
  readonly id: readonly SourceSegment[]
  readonly below: readonly SourceSegment[]
  /** Says 1 where other records stand below, else 0. */
  readonly holds: readonly SourceSegment[] | undefined
}

const deepest = 100

type Namespaces = Readonly<Record<string, string>>

/** Reads `nest` and `group` of a map; undefined where it has neither. Fails with mapping-invalid at file and line. */
export const readReshapedTree = (nest: Located | undefined, group: Located | undefined, namespaces: Namespaces): Result<ReshapedTree | undefined> => {
  const nestings: Nesting[] = []
  for (const { key, value, at } of nest?.kind === 'map' ? nest.entries : []) {
    const step = stepOf(key, namespaces, at)
    const [id, below, holds] = ['id', 'below', 'holds'].map((name) => pathsAt(value, name, namespaces))
    if (!step.ok) return step
    const wrong = [id, below, holds].find((one): one is Failure => one?.ok === false)
    if (wrong !== undefined) return wrong
    const [idPath, belowPath, holdsPath] = [id, below, holds].map((one) => (one?.ok === true ? one.value[0] : undefined))
    if (idPath === undefined || belowPath === undefined) return fail('mapping-invalid', at, '`nest` says of each record where its `id` stands, and the id of the one that it stands `below`.')
    nestings.push({ step: step.value, id: idPath, below: belowPath, holds: holdsPath })
  }
  const groupings: Grouping[] = []
  for (const { key, value, at } of group?.kind === 'map' ? group.entries : []) {
    const grouping = readGrouping(key, value, at, namespaces)
    if (!grouping.ok) return grouping
    groupings.push(grouping.value)
  }
  return ok(nestings.length + groupings.length === 0 ? undefined : makeReshapedTree(nestings, groupings))
}

const stepOf = (text: string, namespaces: Namespaces, at: string): Result<SourceSegment> => {
  const path = parseSourcePath(text, namespaces, at)
  if (!path.ok) return path
  const [step, second] = path.value.segments
  return step === undefined || second !== undefined ? fail('mapping-invalid', at, `'${text}' is not one step of a path.`) : ok(step)
}

const pathsAt = (map: Located, name: string, namespaces: Namespaces): Result<readonly (readonly SourceSegment[])[]> => {
  const paths: (readonly SourceSegment[])[] = []
  for (const text of textsOf(entryOf(map, name))) {
    const path = parseSourcePath(text, namespaces, map.at)
    if (!path.ok) return path
    paths.push(path.value.segments)
  }
  return ok(paths)
}

const readGrouping = (key: string, value: Located, at: string, namespaces: Namespaces): Result<Grouping> => {
  const row = stepOf(key, namespaces, at)
  if (!row.ok) return row
  const [as, ...others] = textsOf(entryOf(value, 'as'))
  const group = stepOf(as ?? '', namespaces, at)
  const by = pathsAt(value, 'by', namespaces)
  const once = pathsAt(value, 'once', namespaces)
  if (!by.ok) return by
  if (!once.ok) return once
  const steps = [...by.value, ...once.value].map(([first, second]) => (second === undefined ? first : undefined))
  const known = steps.filter((step) => step !== undefined)
  if (!group.ok || others.length > 0 || by.value.length === 0 || known.length < steps.length) return fail('mapping-invalid', at, '`group` says of each record what it is grouped `by`, `as` what the group is called, and what the group says `once`, each one step.')
  return ok({ row: row.value, group: group.value, by: known.slice(0, by.value.length), once: known })
}

const makeReshapedTree = (nestings: readonly Nesting[], groupings: readonly Grouping[]): ReshapedTree => ({
  read: (root) => readNode(root, nestings, groupings),
  write: (root) => { writeNode(root, nestings, groupings) },
  asSent: (path) => path.flatMap((segment, index) => {
    const next = path[index + 1]
    const grouping = groupings.find(({ group }) => isStep(segment, group))
    if (grouping !== undefined) return next !== undefined && isStep(next, grouping.row) ? [] : [{ ...grouping.row, repeats: segment.repeats, predicates: segment.predicates }]
    return next !== undefined && nestings.some(({ step }) => isStep(segment, step) && isStep(next, step)) ? [] : [segment]
  }),
  pointers: nestings.flatMap(({ step, id, below, holds }) => [id, below, holds ?? id].map((path) => [step, ...path].map(({ name }) => name).join('/'))),
})

const isStep = (segment: SourceSegment, step: SourceSegment): boolean => !segment.attribute && segment.name === step.name && segment.namespace === step.namespace

const readNode = (node: Node, nestings: readonly Nesting[], groupings: readonly Grouping[]): Result<Node> => {
  if (node.children.length === 0) return ok(node)
  let children: readonly Node[] = []
  const read: Node[] = []
  for (const child of node.children) {
    const one = readNode(child, nestings, groupings)
    if (!one.ok) return one
    read.push(one.value)
  }
  children = read
  for (const grouping of groupings) children = groupRows(children, grouping)
  for (const nesting of nestings) {
    const nested = nestRecords(children, nesting)
    if (!nested.ok) return nested
    children = nested.value
  }
  return ok({ ...node, children })
}

/** Puts each record below the one that it names. */
const nestRecords = (children: readonly Node[], { step, id, below, holds }: Nesting): Result<readonly Node[]> => {
  const records = children.filter((child) => isNamed(child, step))
  if (records.length === 0) return ok(children)
  const byId = new Map<string, Node>()
  for (const record of records) {
    const own = textOf(record, id)
    if (own !== '' && byId.has(own)) return problem(record, `Two ${step.name} have the id ${own}.`)
    if (own !== '') byId.set(own, record)
  }
  const held = new Map<Node, Node[]>()
  for (const record of records) {
    const above = textOf(record, below)
    if (above === '') continue
    const parent = byId.get(above)
    if (parent === undefined) return problem(record, `The ${step.name} ${textOf(record, id)} stands below ${above}, which is the id of none.`)
    if (depthOf(record, byId, below) > deepest) return problem(record, `The ${step.name} ${textOf(record, id)} stands below itself, or below more than ${deepest} others.`)
    const known = held.get(parent)
    if (known === undefined) held.set(parent, [record])
    else known.push(record)
  }
  const build = (record: Node): Node => {
    const bare = [id, below, ...holds === undefined ? [] : [holds]].reduce(without, record)
    return { ...bare, children: [...bare.children, ...(held.get(record) ?? []).map(build)] }
  }
  return ok(children.flatMap((child) => (!isNamed(child, step) ? [child] : textOf(child, below) === '' ? [build(child)] : [])))
}

const problem = ({ line, column }: Node, detail: string): Failure => fail('value-invalid', `${line}:${column}`, detail)

const textOf = (node: Node, path: readonly SourceSegment[]): string => textsAt(node, path)[0] ?? ''

const depthOf = (record: Node, byId: ReadonlyMap<string, Node>, below: readonly SourceSegment[]): number => {
  let depth = 0
  for (let at = byId.get(textOf(record, below)); at !== undefined && depth <= deepest; at = byId.get(textOf(at, below))) depth++
  return depth
}

/** A node without what a path leads to. */
const without = (node: Node, path: readonly SourceSegment[]): Node => {
  const [first, ...rest] = path
  if (first === undefined) return node
  if (first.attribute) return { ...node, attributes: node.attributes.filter(({ name, namespace }) => name !== first.name || namespace !== first.namespace) }
  return { ...node, children: node.children.flatMap((child) => (!isNamed(child, first) ? [child] : rest.length === 0 ? [] : [without(child, rest)])) }
}

const writeNode = (node: BuiltNode, nestings: readonly Nesting[], groupings: readonly Grouping[]): void => {
  for (const nesting of nestings) {
    let last = 0
    node.children = node.children.flatMap((child) => (isNamed(child, nesting.step) ? flatten(child, nesting, undefined, () => String(++last)) : [child]))
  }
  for (const grouping of groupings) node.children = node.children.flatMap((child) => (isNamed(child, grouping.group) ? ungroupRows(child, grouping) : [child]))
  for (const child of node.children) writeNode(child, nestings, groupings)
}

/** A record and all below it, each behind the one above it, counted in that order. */
const flatten = (record: BuiltNode, nesting: Nesting, above: string | undefined, nextId: () => string): BuiltNode[] => {
  const { step, id, below, holds } = nesting
  const own = nextId()
  const held = record.children.filter((child) => isNamed(child, step))
  record.children = record.children.filter((child) => !isNamed(child, step))
  if (holds !== undefined) putFirst(record, holds, held.length > 0 ? '1' : '0')
  if (above !== undefined) putFirst(record, below, above)
  putFirst(record, id, own)
  return [record, ...held.flatMap((child) => flatten(child, nesting, own, nextId))]
}

const putFirst = (node: BuiltNode, path: readonly SourceSegment[], text: string): void => {
  const [first, ...rest] = path
  if (first === undefined) return
  if (first.attribute) {
    node.attributes.unshift({ name: first.name, namespace: first.namespace, value: text })
    return
  }
  if (rest.length > 0) {
    const before = node.children.length
    putFirst(childAt(node, first, 0, false), rest, text)
    if (node.children.length > before) node.children.unshift(...node.children.splice(before))
    return
  }
  const leaf = buildNode(first.name, first.namespace, node.kind === 'element' ? 'xml' : 'json')
  leaf.text = text
  if (node.kind !== 'element') leaf.kind = 'string'
  node.children.unshift(leaf)
}
