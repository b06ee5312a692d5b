import type { Issue } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import { isSequenced, membersOf, resolveType, type Description, type Member, type TypeUse } from './description.js'
import { edited, newNode, type EditedNode } from './edited-node.js'

interface Broken {
  /** The rule and the path: `occurrence cbc:ID`. */
  readonly name: string
  readonly root: Node
}

/** A change at one node of the document, named by the rule that it breaks. */
interface Change {
  readonly rule: string
  readonly step: string
  readonly apply: (node: EditedNode) => void
}

/** Documents that each break one constraint of the description alone, made of a valid one: one for each constraint of each path that it has. */
export const breakStructure = (description: Description, document: Member, valid: Node, validate: (root: Node) => readonly Issue[]): readonly Broken[] => {
  const broken: Broken[] = []
  const seen = new Set<string>()
  const walk = (node: Node, use: TypeUse, way: readonly number[], path: string): void => {
    const type = resolveType(description, use)
    for (const { rule, step, apply } of changesOf(description, use, node)) {
      const name = [rule, ...path === '' ? [] : [path], ...step === '' ? [] : [step]].join(' ').replace(/ (?=[^ ]*$)/, path === '' || step === '' ? ' ' : '/')
      if (seen.has(name)) continue
      seen.add(name)
      const root = edited(valid)
      apply(way.reduce((at, index) => at.children[index] ?? at, root))
      const issues = validate(root)
      if (issues.length === 1 && issues[0]?.rule === rule) broken.push({ name, root })
    }
    if (type.form === 'value') return
    for (const [index, child] of node.children.entries()) {
      const member = membersOf(type).find(({ name, namespace }) => name === child.name && namespace === child.namespace)
      if (member !== undefined) walk(child, member.type, [...way, index], path === '' ? member.step : `${path}/${member.step}`)
    }
  }
  walk(valid, document.type, [], '')
  return broken
}

const changesOf = (description: Description, use: TypeUse, node: Node): readonly Change[] => {
  const type = resolveType(description, use)
  const missing = type.attributes.filter(({ name, min }) => min > 0 && node.attributes.some((one) => one.name === name)).map(({ name, step }): Change =>
    ({ rule: 'occurrence', step: `@${step}`, apply: (at) => { at.attributes = at.attributes.filter((one) => one.name !== name) } }))
  const coded = type.attributes.flatMap(({ name, step, type: of }): readonly Change[] => {
    const value = resolveType(description, of)
    return value.form === 'value' && value.codes !== undefined && !value.otherCodes && node.attributes.some((one) => one.name === name) ? [{ rule: 'codes', step: `@${step}`, apply: (at) => { for (const one of at.attributes) if (one.name === name) one.value = '?' } }] : []
  })
  const attributes = [...missing, ...coded]
  if (type.form === 'value') {
    const isCoded = type.codes !== undefined && !type.otherCodes
    const wrong: Change = { rule: !isCoded || type.is === 'decimal' || type.is === 'date' ? 'type' : 'codes', step: '', apply: (at) => { at.text = `${'?'.repeat(type.max ?? 1)}?` } }
    const loose = !isCoded && type.max === undefined && type.pattern === undefined && (type.is === 'text' || type.is === 'token' || type.is === 'code')
    return loose ? attributes : [...attributes, wrong]
  }
  const of = (member: Member) => (child: EditedNode): boolean => child.name === member.name && child.namespace === member.namespace
  const isOrdered = node.kind === 'element' || isSequenced(description)
  const members = membersOf(type)
  const present = members.filter((member) => node.children.some((child) => child.name === member.name && child.namespace === member.namespace))
  const [first] = present
  const last = present.at(-1)
  return [
    ...attributes,
    ...type.open ? [] : [{ rule: 'node-unknown', step: 'unknown', apply: (at: EditedNode) => { at.children.push({ ...newNode('unknown', '', 'x'), kind: node.kind === 'object' ? 'string' : 'element' }) } }],
    ...present.filter(({ min }) => min > 0).map((member): Change => ({ rule: 'occurrence', step: member.step, apply: (at) => { at.children = at.children.filter((child) => !of(member)(child)) } })),
    ...present.filter(({ max }) => max === 1 && isOrdered).map((member): Change => ({ rule: 'occurrence', step: `${member.step} twice`, apply: (at) => { at.children = at.children.flatMap((child) => (of(member)(child) ? [child, edited(child)] : [child])) } })),
    ...type.ordered && isOrdered && first !== undefined && last !== undefined && first !== last
      ? [{ rule: 'order', step: last.step, apply: (at: EditedNode) => { at.children = [...at.children.filter(of(last)), ...at.children.filter((child) => !of(last)(child))] } }]
      : [],
  ]
}
