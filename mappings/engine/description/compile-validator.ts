import type { ErrorCode } from '../../../schemas/error-registry.js'
import { knownName } from '../../../schemas/known-names.js'
import { lazily } from '../../../schemas/lazily.js'
import type { Issue } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import { pathOf, rootTrail, trailTo, type Naming, type Trail } from '../source-place.js'
import { compileValue, hidden, type ValueProblem } from './check-value.js'
import { isSequenced, resolveType, type Choice, type Description, type Member, type TypeUse, type ValueType, type WholeTree } from './description.js'

/** What the document's format says besides its description. */
export interface ValidatorNames extends Naming {
  /** Attributes without a namespace that may stand anywhere. */
  readonly ignoredAttributes: ReadonlySet<string>
  /** Elements, and attributes with an `@`, whose values are said to nobody. */
  readonly secret: ReadonlySet<string>
}

/** Where a validator is in a document, and what it found. */
interface Run {
  readonly names: ValidatorNames
  readonly issues: Issue[]
  /** The node at each depth of the way from the root, and its index below the one above. */
  readonly nodes: Node[]
  readonly indices: number[]
  /** The way to the node at each depth for which a path was asked last. */
  readonly trails: (Trail | undefined)[]
  /** How often each slot was met, for each depth. */
  readonly counts: Uint32Array[]
  depth: number
  errors: number
  warnings: number
  readonly strict: boolean
}

type Check = (run: Run, node: Node) => void

export type Validate = (root: Node, strict: boolean) => readonly Issue[]

/** A document with more errors is not looked at further; of what is unknown, which does not refuse it, no more is said. */
const mostIssues = 200

/**
 * Compiles the description of one document into closures, each tree when it is first met. Validating walks the document once and says of each mistake its
 * line, column and path, and by which rule it is one: `occurrence`, `order`, `type`, `codes` or `node-unknown`, which is a warning unless `strict`.
 */
export const compileValidator = (description: Description, document: Member, names: ValidatorNames): Validate => {
  const compiler: Compiler = { description, named: new Map() }
  const check = lazily(() => compileType(compiler, document.type))
  return (root, strict) => {
    const run: Run = { names, issues: [], nodes: [root], indices: [0], trails: [], counts: [], depth: 0, errors: 0, warnings: 0, strict }
    check()(run, root)
    return run.issues
  }
}

interface Compiler {
  readonly description: Description
  readonly named: Map<string, Check>
}

/** A member of a tree as the walk sees it. */
interface Slot {
  readonly name: string
  readonly namespace: string
  readonly step: string
  readonly index: number
  /** Its place in the order; the members of a choice share one. */
  readonly rank: number
  readonly min: number
  readonly max: number
  /** Counts for its choice too. */
  readonly choice: number
  readonly check: () => Check
  /** That of the child which followed last time: documents of one kind mostly say the same things in the same order. */
  next: Slot | undefined
}

interface Group extends Pick<Choice, 'min' | 'max'> {
  readonly index: number
  readonly names: string
}

const compileType = (compiler: Compiler, use: TypeUse): Check => {
  if (use.form !== 'named') return compileResolved(compiler, resolveType(compiler.description, use))
  const known = compiler.named.get(use.name)
  if (known !== undefined) return known
  // Entered before it is made, so that a tree may hold itself.
  const made = lazily(() => compileResolved(compiler, resolveType(compiler.description, use)))
  const check: Check = (run, node) => { made()(run, node) }
  compiler.named.set(use.name, check)
  return check
}

const compileResolved = (compiler: Compiler, type: ValueType | WholeTree): Check => (type.form === 'value' ? compileLeaf(compiler, type) : compileTree(compiler, type))

const trimmed = (text: string): string => {
  const last = text.charCodeAt(text.length - 1)
  return text.charCodeAt(0) <= 0x20 || last <= 0x20 ? text.trim() : text
}

const compileLeaf = (compiler: Compiler, type: ValueType): Check => {
  const test = compileValue(type)
  const attributes = compileAttributes(compiler, type.attributes, false)
  const kinds = jsonKinds(type)
  return (run, node) => {
    if (node.kind !== 'element' && node.kind !== 'string' && node.kind !== 'null' && !kinds.includes(node.kind)) {
      const fix = { en: 'Write a single text here.', zh: '此处请填写单个值。' }
      report(run, node, 'value-invalid', 'type', `A ${node.kind} stands where ${kinds.length === 0 ? 'a text' : `a ${kinds.join(' or ')}`} is expected.`, fix)
      return
    }
    attributes(run, node)
    for (let index = 0; index < node.children.length && isAskedForUnknown(run); index++) inside(run, node.children[index], index, unknownNode)
    const text = type.is === 'text' ? node.text : trimmed(node.text)
    // An empty value says nothing; where something has to stand, whoever asks for it says so.
    const problem = text === '' ? undefined : test(text)
    if (problem !== undefined) reportValue(run, node, problem)
  }
}

const jsonKinds = ({ is }: ValueType): readonly string[] => (is === 'decimal' || is === 'integer' ? ['number'] : is === 'boolean' ? ['boolean'] : [])

const reportValue = (run: Run, node: Node, problem: ValueProblem, attribute?: string): void => {
  const { rule, detail, fix } = run.names.secret.has(node.name) || (attribute !== undefined && run.names.secret.has(attribute)) ? hidden(problem) : problem
  report(run, node, rule === 'codes' ? 'code-unknown' : 'value-invalid', rule, detail, fix, attribute)
}

const inside = (run: Run, child: Node | undefined, index: number, check: Check): void => {
  if (child === undefined) return
  const depth = ++run.depth
  run.nodes[depth] = child
  run.indices[depth] = index
  check(run, child)
  run.depth = depth - 1
}

const compileTree = (compiler: Compiler, tree: WholeTree): Check => {
  const { slots, groups } = slotsOf(compiler, tree)
  const byName = new Map<string, Slot[]>()
  for (const slot of slots) byName.set(slot.name, [...byName.get(slot.name) ?? [], slot])
  const needed = slots.filter(({ min, choice }) => min > 0 && choice < 0)
  const attributes = compileAttributes(compiler, tree.attributes, tree.open)
  const text = tree.text === undefined ? undefined : compileText(compiler, tree.text)
  const size = slots.length + groups.length
  let first: Slot | undefined
  const sequenced = isSequenced(compiler.description)
  return (run, node) => {
    if (node.kind !== 'element' && node.kind !== 'object') {
      if (node.kind !== 'null') report(run, node, 'value-invalid', 'type', `A ${node.kind} stands where an object is expected.`, { en: 'Write an object here.', zh: '此处应为对象。' })
      return
    }
    attributes(run, node)
    if (text !== undefined) text(run, node)
    const counts = countsAt(run, size)
    let last = -1
    let before: Slot | undefined
    let misplaced = false
    const { children } = node
    for (let index = 0; index < children.length; index++) {
      if (run.errors >= mostIssues) return
      const child = children[index]
      if (child === undefined) continue
      let slot = before === undefined ? first : before.next
      if (slot === undefined || slot.name !== child.name || slot.namespace !== child.namespace) {
        slot = slotFor(byName, child)
        if (slot === undefined) {
          if (!tree.open) inside(run, child, index, unknownNode)
          continue
        }
        if (before === undefined) first = slot
        else before.next = slot
      }
      before = slot
      // An empty array is as good as none.
      if (child.kind === 'array' && child.children.length === 0) continue
      if (tree.ordered && (node.kind === 'element' || sequenced)) {
        if (slot.rank < last && !misplaced) {
          misplaced = true
          sayMisplaced(run, child, index, slot, firstOfRank(slots, last))
        }
        if (slot.rank > last) last = slot.rank
      }
      const count = (counts[slot.index] = (counts[slot.index] ?? 0) + 1)
      if (slot.choice >= 0) counts[slot.choice] = (counts[slot.choice] ?? 0) + 1
      if (count === slot.max + 1) sayRepeated(run, child, index, slot)
      inside(run, child, index, slot.check())
    }
    for (const { index, step, min } of needed) if ((counts[index] ?? 0) < min) missing(run, node, step, min, counts[index] ?? 0)
    for (const group of groups) checkGroup(run, node, group, counts[group.index] ?? 0)
  }
}

const firstOfRank = (slots: readonly Slot[], rank: number): Slot | undefined => slots.find((slot) => slot.rank === rank)

const sayMisplaced = (run: Run, child: Node, index: number, { step }: Slot, other: Slot | undefined): void => {
  const before = other?.step ?? ''
  inside(run, child, index, (at, late) => { report(at, late, 'node-misplaced', 'order', `${step} stands behind ${before}; it belongs before it.`, { en: `Move ${step} before ${before}.`, zh: `请将 ${step} 移到 ${before} 之前。` }) })
}

const sayRepeated = (run: Run, child: Node, index: number, { step, max }: Slot): void => {
  inside(run, child, index, (at, one) => { report(at, one, 'node-repeated', 'occurrence', `${step} stands more often than ${timesText(max)}.`, { en: `Leave out all ${step} but ${timesText(max)}.`, zh: `${step} 最多出现 ${max} 次，请删除多余的。` }) })
}

const timesText = (times: number): string => (times === 1 ? 'once' : `${times} times`)

const countsAt = (run: Run, size: number): Uint32Array => {
  const held = run.counts[run.depth]
  if (held !== undefined && held.length >= size) return held.fill(0, 0, size)
  return (run.counts[run.depth] = new Uint32Array(Math.max(size, 48)))
}

const slotFor = (byName: ReadonlyMap<string, readonly Slot[]>, child: Node): Slot | undefined => {
  for (const slot of byName.get(child.name) ?? []) if (slot.namespace === child.namespace) return slot
  return undefined
}

const missing = (run: Run, node: Node, step: string, min: number, count: number): void => {
  const above = node.kind === 'object' ? 'the object' : `${run.names.prefixOf(node.namespace)}${node.name}`
  const detail = count === 0 ? `${step} is missing in ${above}.` : `${step} stands ${timesText(count)} in ${above}; ${min} have to stand.`
  report(run, node, 'field-missing', 'occurrence', detail, { en: `Add ${step}.`, zh: `请补充 ${step}。` }, step)
}

const checkGroup = (run: Run, node: Node, { min, max, names }: Group, count: number): void => {
  if (count < min) report(run, node, 'field-missing', 'occurrence', `One of ${names} is missing.`, { en: `Add one of ${names}.`, zh: `请补充以下之一：${names}。` })
  if (count > max) report(run, node, 'node-repeated', 'occurrence', `Of ${names} no more than ${max} may stand; there are ${count}.`, { en: `Leave ${max} of ${names}.`, zh: `${names} 最多只能保留 ${max} 个。` })
}

const slotsOf = (compiler: Compiler, tree: WholeTree): { readonly slots: readonly Slot[], readonly groups: readonly Group[] } => {
  const slots: Slot[] = []
  const groups: Group[] = []
  const count = tree.members.reduce((sum, member) => sum + (member.form === 'choice' ? member.members.length : 1), 0)
  for (const [rank, member] of tree.members.entries()) {
    if (member.form === 'member') {
      slots.push(slotOf(compiler, member, slots.length, rank, -1))
      continue
    }
    const group = { index: count + groups.length, min: member.min, max: member.max, names: member.members.map(({ step }) => step).join(', ') }
    groups.push(group)
    for (const one of member.members) slots.push(slotOf(compiler, one, slots.length, rank, group.index))
  }
  return { slots, groups }
}

const slotOf = (compiler: Compiler, { name, namespace, step, min, max, type }: Member, index: number, rank: number, choice: number): Slot => {
  const required = min > 0 && choice < 0
  return { name: knownName(name), namespace: knownName(namespace), step, index, rank, min, max, choice, next: undefined, check: lazily(() => (required ? notEmpty(compiler, type, step) : compileType(compiler, type))) }
}

/** Something that has to stand has to say something, unless any text will do. */
const notEmpty = (compiler: Compiler, use: TypeUse, step: string): Check => {
  const check = compileType(compiler, use)
  const type = resolveType(compiler.description, use)
  if (type.form !== 'value' || type.is === 'text') return check
  return (run, node) => {
    if (node.text === '' || trimmed(node.text) === '') report(run, node, 'field-missing', 'occurrence', `${step} is empty.`, { en: `Fill in ${step}.`, zh: `请填写 ${step}。` })
    check(run, node)
  }
}

const compileText = (compiler: Compiler, { min, type }: NonNullable<WholeTree['text']>): Check => {
  const resolved = resolveType(compiler.description, type)
  const test = resolved.form === 'value' ? compileValue(resolved) : () => undefined
  return (run, node) => {
    const text = trimmed(node.text)
    if (text === '') {
      if (min > 0) report(run, node, 'field-missing', 'occurrence', 'It has no text.', { en: 'Write its text.', zh: '请填写其文本。' })
      return
    }
    const problem = test(text)
    if (problem !== undefined) reportValue(run, node, problem)
  }
}

/** Of XML Schema's instance namespace and of `xml:` any attribute may stand. */
const foreign = (namespace: string): boolean => namespace === 'http://www.w3.org/2001/XMLSchema-instance' || namespace === 'http://www.w3.org/XML/1998/namespace'

const compileAttributes = (compiler: Compiler, attributes: readonly Member[], open: boolean): Check => {
  const known = new Map(attributes.map((attribute) => {
    const type = resolveType(compiler.description, attribute.type)
    return [attribute.name, { namespace: attribute.namespace, test: type.form === 'value' ? compileValue(type) : () => undefined }]
  }))
  const needed = attributes.filter(({ min }) => min > 0)
  return (run, node) => {
    const sent = node.attributes
    if (sent.length === 0 && needed.length === 0) return
    for (const { name, namespace, value } of sent) {
      const attribute = known.get(name)
      if (attribute?.namespace === namespace) {
        const problem = attribute.test(trimmed(value))
        if (problem !== undefined) reportValue(run, node, problem, `@${name}`)
      } else if (!open && !foreign(namespace) && !(namespace === '' && run.names.ignoredAttributes.has(name))) {
        unknown(run, node, `@${run.names.prefixOf(namespace)}${name}`, `@${name}`)
      }
    }
    for (const { name, step } of needed) {
      if (!sent.some((one) => one.name === name)) report(run, node, 'field-missing', 'occurrence', `The attribute ${step} is missing.`, { en: `Add the attribute ${step}.`, zh: `请补充属性 ${step}。` }, `@${step}`)
    }
  }
}

const unknownNode: Check = (run, node) => { unknown(run, node, `${run.names.prefixOf(node.namespace)}${node.name}`) }

const isAskedForUnknown = ({ errors, warnings, strict }: Run): boolean => (strict ? errors : warnings) < mostIssues

const unknown = (run: Run, node: Node, name: string, below?: string): void => {
  if (!isAskedForUnknown(run)) return
  const detail = `${name} is nothing that the description of the format knows${run.strict ? '' : '; it is kept with the document'}.`
  report(run, node, 'node-unknown', 'node-unknown', detail, { en: `Leave out ${name}, or check its spelling and place.`, zh: `请删除 ${name}，或检查其拼写和位置。` }, below, !run.strict)
}

const report = (run: Run, node: Node, code: ErrorCode, rule: string, detail: string, fix: NonNullable<Issue['fix']>, below = '', warning = false): void => {
  if ((warning ? run.warnings++ : run.errors++) >= mostIssues) return
  const above = pathHere(run)
  const path = below === '' ? above : above === '' ? below : `${above}/${below}`
  const at = `${node.line}:${node.column}${path === '' ? '' : ` ${path}`}`
  run.issues.push({ code, at, detail, rule, fix, ...(warning ? { severity: 'warning' } : {}) })
}

const pathHere = (run: Run): string => {
  const [root] = run.nodes
  if (root === undefined) return ''
  let trail = (run.trails[0] ??= rootTrail(root))
  for (let depth = 1; depth <= run.depth; depth++) {
    const node = run.nodes[depth]
    if (node === undefined) continue
    const known = run.trails[depth]
    // One that was made for the issue before knows the positions among its many children.
    trail = known?.node === node && known.parent === trail ? known : (run.trails[depth] = trailTo(trail, node, run.indices[depth] ?? 0))
  }
  return pathOf(trail, run.names)
}
