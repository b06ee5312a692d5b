import { compareDecimals, parseDecimal } from '../../../schemas/decimal.js'
import { lazily } from '../../../schemas/lazily.js'
import type { Issue } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import { pathOf, rootTrail, trailTo, type Trail } from '../source-place.js'
import { holds, isNamed, textsAt, type SourceSegment } from '../source-path.js'
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

/** Of one narrowing or rule no more is said: a document with as many mistakes is not looked at further for it. */
const mostIssues = 200

/** Holds a document against what a profile narrows and against its named rules. */
export const compileProfile = (profile: Profile, names: ValidatorNames): ((root: Node) => readonly Issue[]) => {
  const checks = [...profile.narrowings.map((narrowing) => compileNarrowing(narrowing, profile.name, names)), ...profile.rules.map((rule) => compileRule(rule, names))]
  return (root) => (isOfProfile(profile, root) ? checks.flatMap((check) => check(root)) : [])
}

type Check = (root: Node) => readonly Issue[]

const placeOf = ({ node }: Trail, path: string): string => `${node.line}:${node.column}${path === '' ? '' : ` ${path}`}`

const joined = (above: string, step: string): string => (above === '' ? step : `${above}/${step}`)

const compileNarrowing = ({ parent, last, min = 0, max = Infinity, type }: Narrowing, profile: string, names: ValidatorNames): Check => {
  const step = `${last.attribute ? '@' : ''}${names.prefixOf(last.namespace)}${last.name}`
  const test = type === undefined ? undefined : compileValue({ ...type, secret: type.secret || isSecret(last, names) })
  return (root) => firstOf(trailsAt(rootTrail(root), parent), (above): readonly Issue[] => {
    const texts = textsAt(above.node, [last])
    const here = (): string => placeOf(above, joined(pathOf(above, names), step))
    if (texts.length < min) return [{ code: 'field-missing', at: here(), detail: `${step} is missing; ${profile} asks for it.`, rule: 'occurrence', fix: { en: `Add ${step}.`, zh: `请补充 ${step}。` } }]
    if (texts.length > max) return [{ code: 'node-repeated', at: here(), detail: `${step} stands ${texts.length} times; ${profile} allows ${max}.`, rule: 'occurrence', fix: { en: `Leave ${max} of ${step}.`, zh: `${step} 最多只能保留 ${max} 个。` } }]
    return texts.flatMap((text): readonly Issue[] => {
      const problem = text === '' ? undefined : test?.(text)
      return problem === undefined ? [] : [{ code: problem.rule === 'codes' ? 'code-unknown' : 'value-invalid', at: here(), detail: `${problem.detail.slice(0, -1)} (${profile}).`, rule: problem.rule, fix: problem.fix }]
    })
  })
}

/** What is said of the first trails, until it is enough. */
const firstOf = (trails: readonly Trail[], issuesOf: (trail: Trail) => readonly Issue[]): readonly Issue[] => {
  const issues: Issue[] = []
  for (const trail of trails) {
    if (issues.length >= mostIssues) break
    issues.push(...issuesOf(trail))
  }
  return issues
}

const compileRule = (rule: NamedRule, names: ValidatorNames): Check => (root) => {
  const issues: Issue[] = []
  for (const context of rule.contexts.length === 0 ? [[]] : rule.contexts) {
    const trails = lazily(() => new Map(trailsAt(rootTrail(root), context).map((trail) => [trail.node, trail])))
    eachAt(root, context, (node) => {
      if (issues.length >= mostIssues || !rule.conditions.every((condition) => isTrue(condition, node))) return
      for (const test of rule.tests) {
        const found = test.run(node, root)
        if (found !== undefined) issues.push(issueOf(rule, test, found, trails().get(node) ?? rootTrail(root), names))
      }
    })
  }
  return issues
}

const issueOf = (rule: NamedRule, test: Test, found: string, context: Trail, names: ValidatorNames): Issue => {
  const [blamed] = test.paths
  const near = blamed === undefined || blamed.absolute ? undefined : trailsAt(context, blamed.segments.filter(({ attribute }) => !attribute))[0]
  const place = near ?? context
  const missing = near === undefined && blamed !== undefined && !blamed.absolute ? joined(pathOf(context, names), blamed.text) : undefined
  // What a rule found quotes the values that it looked at.
  const isQuotable = found !== '' && !test.paths.some(({ segments }) => segments.some((segment) => isSecret(segment, names)))
  const detail = `${rule.name}: ${rule.says}${isQuotable ? ` Here ${found}.` : ''}`
  const issue: Issue = { code: 'rule-violated', at: placeOf(place, missing ?? pathOf(place, names)), detail, rule: rule.name, fix: { en: rule.says, zh: rule.zh } }
  return rule.warning ? { ...issue, severity: 'warning' } : issue
}

const isSecret = ({ name, attribute }: SourceSegment, { secret }: ValidatorNames): boolean => secret.has(attribute ? `@${name}` : name)

/** Calls `visit` for each node that a path leads to. */
const eachAt = (node: Node, segments: readonly SourceSegment[], visit: (node: Node) => void, index = 0): void => {
  const segment = segments[index]
  if (segment === undefined) { visit(node); return }
  for (const child of node.children) if (isNamed(child, segment) && holds(child, segment.predicates)) eachAt(child, segments, visit, index + 1)
}

/** The ways down to the nodes that a path leads to. */
const trailsAt = (trail: Trail, segments: readonly SourceSegment[], index = 0): readonly Trail[] => {
  const segment = segments[index]
  if (segment === undefined) return [trail]
  return trail.node.children.flatMap((child, position) => (isNamed(child, segment) && holds(child, segment.predicates) ? trailsAt(trailTo(trail, child, position), segments, index + 1) : []))
}
