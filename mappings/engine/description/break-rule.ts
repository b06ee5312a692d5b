import { addDecimals, parseDecimal, type Decimal } from '../../../schemas/decimal.js'
import type { Issue } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import type { SourcePath } from '../source-path.js'
import { isTrue } from './check-profile.js'
import type { ChildOrder } from '../format-shape.js'
import { edited, newNode, nodesAt, spotsAt, type EditedNode } from './edited-node.js'
import type { NamedRule, Profile } from './profile.js'
import type { Test } from './rule-tests.js'

/** Changes a node of the rule's context so that the rule may be broken. */
type Change = (context: EditedNode, root: EditedNode) => void

/** What is known of the documents of a format. */
export interface Judge {
  readonly order: ChildOrder
  readonly validate: (root: Node) => readonly Issue[]
}

const mostRepairs = 12

/**
 * A copy of a valid document that breaks one named rule and no other, or undefined where none was found: each change that the rule's words suggest is tried, and what the
 * change upsets elsewhere (the totals above a total) is put right.
 */
export const breakRule = (profile: Profile, rule: NamedRule, valid: Node, { order, validate }: Judge): Node | undefined => {
  const isAlone = (root: EditedNode): boolean => {
    const errors = validate(root).filter(({ severity }) => severity === undefined || rule.warning)
    return errors.length > 0 && errors.every((issue) => issue.rule === rule.name)
  }
  for (const context of rule.contexts.length === 0 ? [[]] : rule.contexts) {
    const places = nodesAt(edited(valid), context).length
    for (const change of changesOf(rule)) {
      for (let place = 0; place < places; place++) {
        const root = edited(valid)
        const node = nodesAt(root, context)[place]
        if (node === undefined) continue
        change(node, root)
        prune(root, rule.breaks.length > 0)
        arrange(root, order)
        if (isAlone(root)) return root
        repair(profile, rule, root)
        if (isAlone(root)) return root
      }
    }
  }
  return undefined
}

/** What lost all that it held goes too; what was made empty on purpose stays. */
const prune = (node: EditedNode, keepLeaves: boolean): void => {
  for (const child of node.children) prune(child, keepLeaves)
  node.children = node.children.filter((child) => child.children.length > 0 || child.text !== '' || (keepLeaves && !child.held))
}

const arrange = (node: EditedNode, order: ChildOrder): void => {
  const rank = ({ name, namespace }: EditedNode): number => order.rankOf(name, namespace) ?? Number.MAX_SAFE_INTEGER
  node.children.sort((a, b) => rank(a) - rank(b))
  for (const child of node.children) arrange(child, order.below(child.name, child.namespace))
}

const given = (rule: NamedRule): readonly Change[] => rule.breaks.length === 0 ? [] : [(context, root) => {
  for (const { path, text } of rule.breaks) {
    const spots = spotsAt(path.absolute ? root : context, path.segments)
    for (const spot of spots) {
      if (text === undefined) spot.remove()
      else spot.write(text === 'empty' ? '' : text)
    }
    if (spots.length === 0 && text !== undefined) addAt(path.absolute ? root : context, path.segments, text, root)
  }
}]

const changesOf = (rule: NamedRule): readonly Change[] => [
  ...given(rule),
  // A condition that does not hold yet is made to hold first.
  ...rule.tests.flatMap(changesOfTest).flatMap((change): readonly Change[] => [change, (context, root) => { meet(rule, context); change(context, root) }]),
]

const meet = (rule: NamedRule, context: EditedNode): void => {
  for (const condition of rule.conditions) {
    if (isTrue(condition, context)) continue
    const [first] = condition
    if (first === undefined || first.negated) continue
    for (const spot of spotsAt(context, first.path)) spot.write(first.value)
    if (!isTrue(condition, context)) addAt(context, first.path, first.asks === 'there' ? '2026-03-31' : first.value, context)
  }
}

/** Adds what a path leads to; attributes as the document has them elsewhere. With `fresh` beside what stands there. */
const addAt = (node: EditedNode, segments: SourcePath['segments'], text: string, root: EditedNode, fresh = false): void => {
  const [first, ...rest] = segments
  if (first === undefined) return
  if (first.attribute) { node.attributes.push({ name: first.name, namespace: first.namespace, value: text }); return }
  const child = node.children.find(({ name, namespace }) => name === first.name && namespace === first.namespace)
  if (rest.length > 0 && child !== undefined && !fresh) { addAt(child, rest, text, root); return }
  const made = newNode(first.name, first.namespace, rest.length === 0 ? text : '')
  const like = [root, ...below(root)].find(({ name, namespace }) => name === first.name && namespace === first.namespace)
  made.attributes = like?.attributes.map((attribute) => ({ ...attribute })) ?? []
  node.children.push(made)
  addAt(made, rest, text, root)
}

const below = (node: EditedNode): readonly EditedNode[] => node.children.flatMap((child) => [child, ...below(child)])

const texts = ['-1', '0', '999999', '0.125', 'XX', 'xx', '1900-01-01', '2999-12-31']

const from = (path: SourcePath, context: EditedNode, root: EditedNode): EditedNode => (path.absolute ? root : context)

const changesOfTest = ({ word, paths }: Test): readonly Change[] => {
  const removeAll: Change = (context, root) => { for (const path of paths) for (const spot of spotsAt(from(path, context, root), path.segments)) spot.remove() }
  const removeOne = paths.map((path): Change => (context, root) => { for (const spot of spotsAt(from(path, context, root), path.segments)) spot.remove() })
  const write = (text: string) => paths.map((path): Change => (context, root) => { spotsAt(from(path, context, root), path.segments)[0]?.write(text) })
  const removeParents = paths.map((path): Change => (context, root) => { for (const spot of spotsAt(from(path, context, root), path.segments.slice(0, -1))) if (spot.node !== undefined && spotsAt(spot.node, path.segments.slice(-1)).length > 0) spot.remove() })
  const add = (text: string, fresh = false) => paths.map((path): Change => (context, root) => { addAt(from(path, context, root), path.segments, text, root, fresh) })
  switch (word) {
    case 'all': return [...removeOne, removeAll, ...removeParents]
    case 'any': return [removeAll]
    case 'none': return [...add('1'), ...add('2026-03-31'), ...add('x'), ...add('1', true)]
    case 'sum': case 'product': case 'function': return [...['7', '-7', '0.5', '1000'].flatMap((by) => paths.map((path) => addTo(path, by as Decimal))), ...anyNumber(word)]
    case 'count': return paths.flatMap((path): readonly Change[] => [double(path), (context, root) => { addAt(from(path, context, root), path.segments, 'x', root) }])
    case 'distinct': case 'differ': return [same(paths)]
    default: return [...paths.map(lengthen), ...texts.flatMap(write), ...texts.flatMap((text) => add(text))]
  }
}

/** More digits of the same number. */
const lengthen = (path: SourcePath): Change => (context, root) => {
  const [spot] = spotsAt(from(path, context, root), path.segments)
  if (spot?.text.includes('.') === true) spot.write(`${spot.text}0`)
}

const addTo = (path: SourcePath, by: Decimal): Change => (context, root) => {
  const [spot] = spotsAt(from(path, context, root), path.segments)
  const value = spot === undefined ? undefined : parseDecimal(spot.text)
  if (spot !== undefined && value?.ok === true) spot.write(addDecimals(value.value, by))
}

/** A function does not say what it looks at: each number and each attribute below the context is tried. */
const anyNumber = (word: string): readonly Change[] => word !== 'function' ? [] : [0, 1, 2, 3, 4, 5, 6, 7].flatMap((index): readonly Change[] => [
  (context) => {
    const leaf = leavesOf(context).filter(({ text }) => parseDecimal(text).ok)[index]
    const value = leaf === undefined ? undefined : parseDecimal(leaf.text)
    if (leaf !== undefined && value?.ok === true) leaf.text = addDecimals(value.value, '1000' as Decimal)
  },
  (context) => {
    const attribute = leavesOf(context).flatMap(({ attributes }) => attributes)[index]
    if (attribute !== undefined) attribute.value = 'XTS'
  },
])

const leavesOf = (node: EditedNode): readonly EditedNode[] => (node.children.length === 0 ? [node] : node.children.flatMap(leavesOf))

const double = ({ segments, absolute }: SourcePath): Change => (context, root) => {
  const parents = nodesAt(absolute ? root : context, segments.slice(0, -1))
  for (const parent of parents) {
    const last = segments.at(-1)
    const at = parent.children.findIndex(({ name, namespace }) => name === last?.name && namespace === last.namespace)
    const child = parent.children[at]
    if (child !== undefined) parent.children.splice(at, 0, edited(child))
  }
}

const same = (paths: readonly SourcePath[]): Change => (context, root) => {
  const spots = paths.flatMap((path) => spotsAt(from(path, context, root), path.segments))
  const [first, second] = paths
  if (spots.length > 1) spots[1]?.write(spots[0]?.text ?? '')
  else if (first !== undefined && second !== undefined && spots.length === 1) {
    const missing = spotsAt(from(first, context, root), first.segments).length === 0 ? first : second
    addAt(from(missing, context, root), missing.segments, spots[0]?.text ?? '', root)
  }
}

/** Sets what other sums and products of the profile come to. */
const repair = (profile: Profile, broken: NamedRule, root: EditedNode): void => {
  for (let round = 0; round < mostRepairs; round++) {
    let changed = false
    for (const rule of profile.rules) {
      if (rule === broken) continue
      for (const test of rule.tests) changed = settle(rule, test, root) || changed
    }
    if (!changed) return
  }
}

const settle = (rule: NamedRule, test: Test, root: EditedNode): boolean => {
  let changed = false
  for (const context of rule.contexts.length === 0 ? [[]] : rule.contexts) {
    for (const node of nodesAt(root, context)) {
      if (!rule.conditions.every((condition) => isTrue(condition, node))) continue
      const [, step, expected] = / ?(\S+) is \S+, expected (-?[\d.]+)$/.exec(test.run(node, root) ?? '') ?? []
      const path = test.paths[0]
      const spot = path === undefined ? spotsBelow(node, step ?? '') : spotsAt(path.absolute ? root : node, path.segments)[0]
      if (expected === undefined || spot === undefined) continue
      spot.write(expected)
      changed = true
    }
  }
  return changed
}

/** A function names an element by its prefix and name. */
const spotsBelow = (node: EditedNode, step: string): { readonly write: (text: string) => void } | undefined => {
  const child = node.children.find(({ name }) => name === step.replace(/^.*:/, ''))
  return child === undefined ? undefined : { write: (text) => { child.text = text } }
}
