import type { Node } from '../../../schemas/node.js'
import type { Segment, SegmentElement, SegmentText } from '../../../schemas/segments-reader.js'
import { nodeOf } from './csv-tables.js'
import type { ElementPlan, GroupPlan, SegmentPlan, TextPlan } from './segment-plan.js'

/** A group whose segments are being read. */
interface Level {
  readonly plan: GroupPlan
  children: Node[]
  /** Of the member that was read last: those before it may no longer stand here, those behind it did not stand here yet. */
  index: number
  /** How often it was there. */
  count: number
}

/** Where a segment belongs: in an open group, at this member. */
interface Found {
  readonly depth: number
  readonly index: number
}

/**
 * Puts the segments of a message into the groups of its description: a segment belongs to the innermost open group in which it, or a group that it begins, may still stand; one that could
 * stand there before belongs there out of its order; what nobody knows stays where it is. `point` is what stands before decimals.
 */
export const segmentTree = (language: string, plan: GroupPlan, segments: readonly Segment[], point: '.' | ','): Node => {
  const root = nodeOf(plan.name, segments[0] ?? { line: 1, column: 1 }, [], language)
  const children: Node[] = []
  const open: Level[] = [{ plan, children, index: 0, count: 0 }]
  for (const segment of segments) {
    const found = placeOf(open, segment.tag)
    if (found === undefined) {
      open.at(-1)?.children.push(segmentNode({ name: segment.tag, elements: [], listed: true }, segment, point))
      continue
    }
    open.length = found.depth + 1
    enter(open, found.index, segment, point)
  }
  return { ...root, children }
}

const enter = (open: Level[], index: number, segment: Segment, point: '.' | ','): void => {
  const level = open.at(-1)
  const member = level?.plan.members[index]
  if (level === undefined || member === undefined) return
  if (index === level.index) level.count++
  else if (index > level.index) {
    level.index = index
    level.count = 1
  }
  level.children.push(begin(open, member, segment, point))
}

/** Opens as many groups as the segment begins. */
const begin = (open: Level[], plan: SegmentPlan | GroupPlan, segment: Segment, point: '.' | ','): Node => {
  if (plan.form === 'segment') return segmentNode(plan, segment, point)
  const level: Level = { plan, children: [], index: 0, count: 1 }
  open.push(level)
  const [first] = plan.members
  // A list that is made with its first node takes the room of one, and one that is pushed to that of 17.
  level.children = first === undefined ? [] : [begin(open, first, segment, point)]
  return branchOf(plan.name, segment, level.children, plan.listed)
}

const placeOf = (open: readonly Level[], tag: string): Found | undefined => {
  for (let depth = open.length - 1; depth >= 0; depth--) {
    const index = nextPlace(open[depth], tag)
    if (index !== undefined) return { depth, index }
  }
  for (let depth = open.length - 1; depth >= 0; depth--) {
    // What begins a group begins another one; only a document may have its first segment again.
    const index = open[depth]?.plan.places.get(tag)?.findLast((place) => depth === 0 || place > 0)
    if (index !== undefined) return { depth, index }
  }
  return undefined
}

/** Where the segment may still stand in this group. */
const nextPlace = (level: Level | undefined, tag: string): number | undefined => {
  const places = level?.plan.places.get(tag)
  if (level === undefined || places === undefined) return undefined
  for (const place of places) {
    if (place >= level.index && (place === level.index ? level.count : 0) < (level.plan.members[place]?.max ?? 0)) return place
  }
  return undefined
}

const none: readonly never[] = []

const segmentNode = ({ name, elements: plans, listed }: Pick<SegmentPlan, 'name' | 'elements' | 'listed'>, { line, column, elements }: Segment, point: '.' | ','): Node => {
  let children: Node[] | undefined
  for (let index = 0; index < elements.length; index++) addElement(children ??= [], plans[index], index, elements[index] ?? [], point)
  return branchOf(name, { line, column }, children ?? none, listed)
}

const branchOf = (name: string, { line, column }: Pick<SegmentText, 'line' | 'column'>, children: readonly Node[], listed: boolean): Node =>
  (listed ? { name, namespace: '', attributes: none, children, text: '', kind: 'object', listed, line, column } : { name, namespace: '', attributes: none, children, text: '', kind: 'object', line, column })

/** What stands behind the places of the description is called by its place. */
const addElement = (into: Node[], plan: ElementPlan | undefined, index: number, element: SegmentElement, point: '.' | ','): void => {
  for (const texts of element) {
    const [first] = texts
    if (first === undefined || !texts.some(({ text }) => text !== '')) continue
    const listed = plan?.listed === true || element.length > 1
    if (plan?.components === undefined) {
      const name = plan?.name ?? `element_${index + 1}`
      if (first.text !== '') into.push(leafOf(name, first, plan?.isDecimal === true, point, listed))
      // Beside the element, for a node that has text and children would lose one of them where no rule reads it.
      for (const [at, text] of texts.entries()) if (at > 0 && text.text !== '') into.push(leafOf(`${name}_component_${at + 1}`, text, false, point, false))
      continue
    }
    const children: Node[] = []
    addComponents(children, plan.components, texts, point)
    into.push(branchOf(plan.name, first, children, listed))
  }
}

const addComponents = (into: Node[], plans: readonly TextPlan[], texts: readonly SegmentText[], point: '.' | ','): void => {
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index]
    const plan = plans[index]
    if (text === undefined || text.text === '') continue
    into.push(leafOf(plan?.name ?? `component_${index + 1}`, text, plan?.isDecimal === true, point, plan?.listed === true))
  }
}

/** A decimal is said with a point, whatever the interchange has for it. */
const leafOf = (name: string, { text: said, line, column }: SegmentText, isDecimal: boolean, point: '.' | ',', listed: boolean): Node => {
  const text = isDecimal && point === ',' ? said.replace(',', '.') : said
  if (listed) return { name, namespace: '', attributes: none, children: none, text, kind: 'string', listed, line, column }
  return { name, namespace: '', attributes: none, children: none, text, kind: 'string', line, column }
}
