import { findHolder, makeHolder, placeOf } from './canonical-path.js'
import type { FromAbove, Inherited } from './compile-reading.js'
import type { Context } from './lineage-log.js'
import type { Inheritance, Place, Run } from './reading-run.js'
import type { DefaultRule } from './rule.js'
import { pathOf, rootTrail, trailTo, type Trail } from './source-place.js'
import { holds, isNamed, textsAt, type SourceSegment } from './source-path.js'

/** What the group says of its items, where they do not say it themselves. */
export const takeFromAbove = (run: Run, { levels, target, segments, converter }: FromAbove, context: Context, place: Place): void => {
  let group: Place | undefined = place
  for (let level = 0; level < levels; level++) group = group?.parent
  const [text] = group === undefined ? [] : textsAt(group.node, segments)
  if (group === undefined || text === undefined || text === '' || findHolder(context.object, target)?.[target.last.name] !== undefined) return
  run.trail = group
  const value = converter.read(text, group.node, run.report, run.documentSays)
  if (value === undefined) return
  makeHolder(context.object, target)[target.last.name] = value
  run.log?.fields.push({ context, place: placeOf(context.object, target), position: undefined, value: undefined, node: group.node, attribute: segments, text, converter: undefined })
}

/** A constant, a counter, or what the document says elsewhere. */
export const applyDefault = (run: Run, rule: DefaultRule | Inherited, context: Context): void => {
  const { target } = rule
  // A default completes what is there; it makes no object of its own.
  const holder = findHolder(context.object, target)
  if (holder === undefined || holder[target.last.name] !== undefined) return
  if (rule.rule === 'default') {
    holder[target.last.name] = rule.text ?? String(context.position + 1)
    return
  }
  const found = inheritanceOf(run, rule)
  // What is wrong with it was said where it stands, or by another rule that inherits it.
  if (found === undefined || run.said.has(pathOf(found.trail, run.shape))) return
  run.trail = found.trail
  const value = rule.converter.read(found.text, found.trail.node, run.report, run.documentSays)
  if (value !== undefined) holder[target.last.name] = value
}

/** Looked for once, however many lines inherit it. */
const inheritanceOf = (run: Run, rule: Inherited): Inheritance | undefined => {
  const { inherited, root } = run
  if (inherited.has(rule)) return inherited.get(rule)
  const [text, ...others] = textsAt(root, rule.segments)
  const isOne = text !== undefined && text !== '' && others.every((other) => other === text)
  const trail = isOne ? trailAlong(rootTrail(root), rule.segments) : undefined
  const found = trail === undefined || text === undefined ? undefined : { text, trail }
  inherited.set(rule, found)
  return found
}

/** The way down to the first place that a path leads to; an attribute's ends at its element. */
const trailAlong = (trail: Trail, segments: readonly SourceSegment[], from = 0): Trail | undefined => {
  const segment = segments[from]
  if (segment === undefined || segment.attribute) return trail
  for (const [index, child] of trail.node.children.entries()) {
    const below = isNamed(child, segment) && holds(child, segment.predicates) ? trailAlong(trailTo(trail, child, index), segments, from + 1) : undefined
    if (below !== undefined) return below
  }
  return undefined
}
