import type { Node } from '../../schemas/node.js'
import type { BuiltNode } from './built-node.js'
import { isNamed, textsAt, type SourceSegment } from './source-path.js'

/** Rows that say the same stand in one group, which says it once. */
export interface Grouping {
  readonly row: SourceSegment
  readonly group: SourceSegment
  readonly by: readonly SourceSegment[]
  /** What is of the group, `by` among it. */
  readonly once: readonly SourceSegment[]
}

interface Group extends Node {
  readonly attributes: Node['attributes'][number][]
  readonly children: Node[]
}

/** A group stands where its first row stood, wherever the others are. What a row says otherwise than its group stays with the row. */
export const groupRows = (children: readonly Node[], { row, group, by, once }: Grouping): readonly Node[] => {
  const groups = new Map<string, Group>()
  const said = new Map<Group, Map<string, Node>>()
  return children.flatMap((child) => {
    if (!isNamed(child, row)) return [child]
    const key = JSON.stringify(by.map((step) => textsAt(child, [step])[0] ?? ''))
    const known = groups.get(key)
    const { kind, line, column, listed } = child
    const into: Group = known ?? { name: group.name, namespace: group.namespace, attributes: [], children: [], text: '', kind, line, column, ...listed === undefined ? {} : { listed } }
    groups.set(key, into)
    const own = said.get(into) ?? new Map<string, Node>()
    said.set(into, own)
    const left = moveOnce(child, into, once, own)
    if (left.attributes.length + left.children.length > 0 || left.text.trim() !== '') into.children.push(left)
    return known === undefined ? [into] : []
  })
}

/** `own` is what the group says in elements, by their names: among its rows it would be looked for long. */
const moveOnce = (row: Node, into: Group, once: readonly SourceSegment[], own: Map<string, Node>): Node => {
  const attributes = row.attributes.filter((attribute) => {
    const { name, namespace, value } = attribute
    if (!once.some((step) => step.attribute && step.name === name && step.namespace === namespace)) return true
    const said = into.attributes.find((one) => one.name === name && one.namespace === namespace)
    if (said === undefined) into.attributes.push(attribute)
    return said !== undefined && said.value !== value
  })
  const children = row.children.filter((child) => {
    if (!once.some((step) => !step.attribute && isNamed(child, step))) return true
    const key = `${child.namespace} ${child.name}`
    const said = own.get(key)
    if (said === undefined) {
      into.children.push(child)
      own.set(key, child)
    }
    return said !== undefined && !isSame(said, child)
  })
  return { ...row, attributes, children }
}

const isSame = (a: Node, b: Node): boolean => a.name === b.name && a.namespace === b.namespace && a.text.trim() === b.text.trim()
  && a.attributes.length === b.attributes.length && a.attributes.every(({ value }, index) => value === b.attributes[index]?.value)
  && a.children.length === b.children.length && a.children.every((child, index) => isSame(child, b.children[index] ?? a))

/** One row for each of a written group, which says what the group says where it does not say it itself; of a group without rows, or all of whose rows say something otherwise, one of its own. What else stands in the group goes into the first. */
export const ungroupRows = (group: BuiltNode, { row, once }: Grouping): BuiltNode[] => {
  const rows = group.children.filter((child) => isNamed(child, row))
  const said = group.children.filter((child) => !isNamed(child, row))
  const empty: BuiltNode = { ...group, name: row.name, namespace: row.namespace, attributes: [], children: [] }
  const isSaidOtherwise = said.some(({ name, namespace }) => rows.every((one) => one.children.some((own) => own.name === name && own.namespace === namespace)))
    || group.attributes.some(({ name, namespace }) => rows.every((one) => one.attributes.some((own) => own.name === name && own.namespace === namespace)))
  return (rows.length === 0 || isSaidOtherwise ? [empty, ...rows] : rows).map((one, index) => {
    const isSaidHere = (attribute: boolean, { name, namespace }: SaidName): boolean =>
      (attribute ? one.attributes : one.children).every((own) => own.name !== name || own.namespace !== namespace)
      && (index === 0 || once.some((step) => step.attribute === attribute && step.name === name && step.namespace === namespace))
    return {
      ...one, ...group.listed === undefined ? {} : { listed: group.listed },
      attributes: [...group.attributes.filter((attribute) => isSaidHere(true, attribute)), ...one.attributes],
      children: [...said.filter((child) => isSaidHere(false, child)), ...one.children],
    }
  })
}

interface SaidName {
  readonly name: string
  readonly namespace: string
}
