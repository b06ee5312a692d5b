import { compareDecimals, parseDecimal } from '../../../schemas/decimal.js'
import type { Issue } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import { pathOf, rootTrail, trailTo, type Trail } from '../source-place.js'
import { among, holds, isNamed, textsAt, type SourceSegment } from '../source-path.js'
import { compileValue } from './check-value.js'
import type { ValidatorNames } from './compile-validator.js'
import type { Condition, NamedRule, Narrowing, Profile } from './profile.js'
import { isThere, type Test } from './rule-tests.js'

/** Whether a document says that it keeps to the profile. */
export const isOfProfile = (profile: Profile, root: Node): boolean => profile.when.every((condition) => isTrue(condition, root))

export const isTrue = (condition: Condition, node: Node): boolean => condition.some(({ path, asks, value, negated }) => {
  switch (asks) {
    case 'there': return isThere(node, path) !== negated
    case 'is': return textsAt(node, path).includes(value) !== negated
    case 'starts': return textsAt(node, path).some((text) => text.startsWith(value)) !== negated
    case 'above': return textsAt(node, path).some((text) => isAbove(text, value)) !== negated
    default: return asks satisfies never
  }
})

const isAbove = (text: string, limit: string): boolean => {
  const found = parseDecimal(text)
  const bound = parseDecimal(limit)
  return found.ok && bound.ok && compareDecimals(found.value, bound.value) > 0
}

/** Of one narrowing or rule no more is said: a document with as many mistakes is not looked at further for it, and with as many errors for none. */
const mostIssues = 200

/** Holds a document against what a profile narrows and against its named rules. */
export const compileProfile = (profile: Profile, names: ValidatorNames): ((root: Node) => readonly Issue[]) => {
  const checks = [...profile.narrowings.map((narrowing) => compileNarrowing(narrowing, profile.name, names)), ...profile.rules.map((rule) => compileRule(rule, names))]
  return (root) => {
    if (!isOfProfile(profile, root)) return []
    const trailOf = makeTrails(root)
    const issues: Issue[] = []
    let errors = 0
    for (const check of checks) {
      if (errors >= mostIssues) break
      const found = check(root, trailOf)
      errors += found.filter(({ severity }) => severity === undefined).length
      issues.push(...found)
    }
    return issues
  }
}

/** The trail along nodes, the root first. */
type TrailOf = (way: readonly Node[]) => Trail

type Check = (root: Node, trailOf: TrailOf) => readonly Issue[]

/** Makes the trails of those nodes alone of which something is said; what stands above is the same for all. */
const makeTrails = (root: Node): TrailOf => {
  const trails = new Map<Node, Trail>()
  const indices = new Map<Node, ReadonlyMap<Node, number>>()
  const indexIn = (parent: Node, node: Node): number => {
    const known = indices.get(parent) ?? new Map(parent.children.map((child, index) => [child, index] as const))
    indices.set(parent, known)
    return known.get(node) ?? 0
  }
  const top = rootTrail(root)
  return (way) => way.slice(1).reduce((above, node) => {
    const known = trails.get(node) ?? trailTo(above, node, indexIn(above.node, node))
    trails.set(node, known)
    return known
  }, top)
}

const placeOf = ({ node }: Trail, path: string): string => `${node.line}:${node.column}${path === '' ? '' : ` ${path}`}`

const joined = (above: string, step: string): string => (above === '' ? step : `${above}/${step}`)

const compileNarrowing = ({ parent, last, min = 0, max = Infinity, type }: Narrowing, profile: string, names: ValidatorNames): Check => {
  const step = `${last.attribute ? '@' : ''}${names.prefixOf(last.namespace)}${last.name}`
  const test = type === undefined ? undefined : compileValue({ ...type, secret: type.secret || isSecret(last, names) })
  return (root, trailOf) => {
    const issues: Issue[] = []
    eachAt(root, parent, (node, way) => {
      const texts = textsAt(node, [last])
      const here = (): string => {
        const above = trailOf(way)
        return placeOf(above, joined(pathOf(above, names), step))
      }
      if (texts.length < min) issues.push({ code: 'field-missing', at: here(), detail: `${step} is missing; ${profile} asks for it.`, rule: 'occurrence', fix: { en: `Add ${step}.`, zh: `请补充 ${step}。` } })
      else if (texts.length > max) issues.push({ code: 'node-repeated', at: here(), detail: `${step} stands ${texts.length} times; ${profile} allows ${max}.`, rule: 'occurrence', fix: { en: `Leave ${max} of ${step}.`, zh: `${step} 最多只能保留 ${max} 个。` } })
      else if (test !== undefined) {
        for (const text of texts) {
          const problem = text === '' || issues.length >= mostIssues ? undefined : test(text)
          if (problem !== undefined) issues.push({ code: problem.rule === 'codes' ? 'code-unknown' : 'value-invalid', at: here(), detail: `${problem.detail.slice(0, -1)} (${profile}).`, rule: problem.rule, fix: problem.fix })
        }
      }
      return issues.length < mostIssues
    })
    return issues
  }
}

const compileRule = (rule: NamedRule, names: ValidatorNames): Check => (root, trailOf) => {
  const issues: Issue[] = []
  for (const context of rule.contexts.length === 0 ? [[]] : rule.contexts) {
    eachAt(root, context, (node, way) => {
      if (!rule.conditions.every((condition) => isTrue(condition, node))) return true
      for (const test of rule.tests) {
        const found = test.run(node, root)
        if (found !== undefined) issues.push(issueOf(rule, test, found, trailOf(way), names))
      }
      return issues.length < mostIssues
    })
  }
  return issues
}

const issueOf = (rule: NamedRule, test: Test, found: string, context: Trail, names: ValidatorNames): Issue => {
  const [blamed] = test.paths
  const near = blamed === undefined || blamed.absolute ? undefined : firstTrailAt(context, blamed.segments.filter(({ attribute }) => !attribute))
  const place = near ?? context
  const missing = near === undefined && blamed !== undefined && !blamed.absolute ? joined(pathOf(context, names), blamed.text) : undefined
  // What a rule found quotes the values that it looked at.
  const isQuotable = found !== '' && !test.paths.some(({ segments }) => segments.some((segment) => isSecret(segment, names)))
  const detail = `${rule.name}: ${rule.says}${isQuotable ? ` Here ${found}.` : ''}`
  const issue: Issue = { code: 'rule-violated', at: placeOf(place, missing ?? pathOf(place, names)), detail, rule: rule.name, fix: { en: rule.says, zh: rule.zh } }
  return rule.warning ? { ...issue, severity: 'warning' } : issue
}

const isSecret = ({ name, attribute }: SourceSegment, { secret }: ValidatorNames): boolean => secret.has(attribute ? `@${name}` : name)

/** Calls `visit` for each node that a path leads to, with the nodes on the way, which the next call has changed, until it says no. */
const eachAt = (node: Node, segments: readonly SourceSegment[], visit: (node: Node, way: readonly Node[]) => boolean, way: Node[] = [node]): boolean => {
  const segment = segments[way.length - 1]
  if (segment === undefined) return visit(node, way)
  for (const child of among(node, segment)) {
    if (!isNamed(child, segment) || !holds(child, segment.predicates)) continue
    way.push(child)
    const more = eachAt(child, segments, visit, way)
    way.pop()
    if (!more) return false
  }
  return true
}

/** The way down to the first node that a path leads to. */
const firstTrailAt = (trail: Trail, segments: readonly SourceSegment[]): Trail | undefined =>
  firstWayAt(trail.node, segments)?.reduce((above, node) => trailTo(above, node, above.node.children.indexOf(node)), trail)

const firstWayAt = (node: Node, segments: readonly SourceSegment[], index = 0): readonly Node[] | undefined => {
  const segment = segments[index]
  if (segment === undefined) return []
  for (const child of among(node, segment)) {
    const behind = isNamed(child, segment) && holds(child, segment.predicates) ? firstWayAt(child, segments, index + 1) : undefined
    if (behind !== undefined) return [child, ...behind]
  }
  return undefined
}
