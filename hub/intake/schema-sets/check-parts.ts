import type { ErrorCode } from '../../../schemas/error-registry.js'
import { writeJson } from '../../../schemas/json-writer.js'
import type { Issue } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import { ok, type Failure, type Result } from '../../../schemas/result.js'
import { writeXml } from '../../../schemas/xml-writer.js'
import type { Channel } from '../channel.js'
import type { Enclosed } from '../envelopes/envelope.js'
import type { Finding } from './finding.js'
import { placeOfPointer } from './json-place.js'
import { keyOfSet, type SchemaSet } from './schema-set.js'
import type { Check, Checked } from './worker-messages.js'

interface CheckDeps {
  readonly sets: () => readonly SchemaSet[]
  readonly check: (check: Check) => Promise<Result<Checked>>
  /** The id of the one format that recognises a document. */
  readonly formatOf: (root: Node, languages: readonly string[]) => string | undefined
}

/** What the registered schemas say of one part. */
export interface PartCheck {
  readonly issues: readonly Issue[]
  /** The sets that it was held against. */
  readonly applied: readonly { readonly name: string, readonly version: string }[]
}

export type CheckParts = (channel: Channel, parts: readonly Enclosed[]) => Promise<Result<readonly PartCheck[]>>

/** Of one message, in UTF-16 code units: what is validated is in memory several times over. */
const mostLength = 16 * 1024 * 1024

const unchecked: PartCheck = { issues: [], applied: [] }

/**
 * Holds each part of a message against the sets that are registered for it: in XML those that declare its root element, in JSON those of its channel and
 * format. Fails with schema-unavailable where that cannot be done now.
 */
export const makeCheckParts = (deps: CheckDeps): CheckParts => async (channel, parts) => {
  const sets = deps.sets().filter(({ channels }) => channels.length === 0 || channels.includes(channel.id))
  if (sets.length === 0) return ok(parts.map(() => unchecked))
  const checks = parts.map(({ root }) => (root.ok ? setsFor(sets, root.value, () => deps.formatOf(root.value, channel.languages)) : []))
  const found = parts.map((): PartCheck => unchecked)
  const groups = groupsOf(parts, checks)
  const results = await Promise.all(groups.map((group) => checkGroup(deps, group)))
  for (const [number, checked] of results.entries()) {
    if (!checked.ok) return checked
    for (const [index, { ordinal }] of groups[number]?.parts.entries() ?? []) found[ordinal] = checked.value[index] ?? unchecked
  }
  return ok(found)
}

const setsFor = (sets: readonly SchemaSet[], root: Node, formatOf: () => string | undefined): readonly SchemaSet[] => {
  if (root.kind === 'element') return sets.filter(({ elements }) => elements.includes(elementName(root)))
  return sets.filter(({ jsonRoot, format }) => jsonRoot !== undefined && (format === undefined || format === formatOf()))
}

const elementName = ({ namespace, name }: Node): string => `{${namespace}}${name}`

interface GroupPart {
  readonly ordinal: number
  readonly root: Node
  readonly steps: readonly number[]
  readonly sets: readonly SchemaSet[]
}

/** Parts of one text, which is parsed once. */
interface Group {
  readonly text: string | undefined
  readonly parts: GroupPart[]
}

const groupsOf = (parts: readonly Enclosed[], checks: readonly (readonly SchemaSet[])[]): readonly Group[] => {
  const byText = new Map<string, Group>()
  const groups: Group[] = []
  for (const [ordinal, { root, source }] of parts.entries()) {
    const sets = checks[ordinal] ?? []
    if (!root.ok || sets.length === 0) continue
    const steps = source === undefined ? [] : stepsTo(source.root, root.value)
    const known = source === undefined ? undefined : byText.get(source.text)
    const group = known ?? { text: source?.text, parts: [] }
    group.parts.push({ ordinal, root: root.value, steps, sets })
    if (known !== undefined) continue
    groups.push(group)
    if (source !== undefined) byText.set(source.text, group)
  }
  return groups
}

/** The way down to an element that was read from the same text: at each step the last that begins no later. */
const stepsTo = (from: Node, to: Node): readonly number[] => {
  const steps: number[] = []
  for (let node = from; node !== to;) {
    const step = node.children.findLastIndex(({ line, column }) => line < to.line || (line === to.line && column <= to.column))
    const child = node.children[step]
    if (child === undefined) throw new Error('a part is no element of its text')
    steps.push(step)
    node = child
  }
  return steps
}

const checkGroup = async (deps: CheckDeps, { text, parts }: Group): Promise<Result<readonly PartCheck[]>> => {
  const check = checkOf(text, parts)
  const length = check.syntax === 'xml' ? check.text.length : check.parts.reduce((sum, part) => sum + part.text.length, 0)
  if (length > mostLength) return ok(parts.map((part) => ({ applied: [], issues: [issueOfAll(part, 'limit-exceeded', `The message has ${length} characters; up to ${mostLength} can be held against a registered schema. Send it in several.`)] })))
  const checked = await deps.check(check)
  if (checked.ok) return ok(parts.map((part, index) => partCheck(part, checked.value[index] ?? [])))
  return checked.code === 'schema-check-failed' ? ok(parts.map((part) => ({ applied: [], issues: [issueOfAll(part, checked.code, checked.detail)] }))) : checked
}

const checkOf = (text: string | undefined, parts: readonly GroupPart[]): Check => {
  const keys = (sets: readonly SchemaSet[]): readonly string[] => sets.map(keyOfSet)
  const [first] = parts
  if (first?.root.kind !== 'element') return { syntax: 'json', parts: parts.map(({ root, sets }) => ({ text: written(writeJson(root)), sets: keys(sets) })) }
  return { syntax: 'xml', text: text ?? written(writeXml(first.root)), parts: parts.map(({ root, steps, sets }) => ({ steps, element: elementName(root), sets: keys(sets) })) }
}

const written = (result: { readonly ok: true, readonly value: string } | Failure): string => {
  if (!result.ok) throw new Error(result.detail)
  return result.value
}

const issueOfAll = ({ root, sets }: GroupPart, code: ErrorCode, detail: string): Issue =>
  ({ code, at: `${root.line}:${root.column}`, detail, ...(sets.every(({ mode }) => mode === 'warn') ? { severity: 'warning' as const } : {}) })

const partCheck = ({ root, sets }: GroupPart, checked: readonly (readonly Finding[])[]): PartCheck => ({
  applied: sets.map(({ name, version }) => ({ name, version })),
  issues: sets.flatMap((set, index) => (checked[index] ?? []).map((finding) => issueOf(root, set, finding))),
})

const issueOf = (root: Node, { name, mode }: SchemaSet, finding: Finding): Issue => {
  const { node, path } = root.kind === 'element' ? { node: nodeAt(root, finding.steps), path: finding.path } : placeOfPointer(root, finding.steps)
  return {
    code: 'schema-violation', at: `${node.line}:${node.column}${path === '.' ? '' : ` ${path}`}`, detail: `${finding.detail} (schema set ${name})`,
    ...(mode === 'warn' ? { severity: 'warning' as const } : {}),
    line: node.line, path, rule: finding.rule, fix: finding.fix,
  }
}

const nodeAt = (root: Node, steps: Finding['steps']): Node => steps.reduce<Node>((node, step) => node.children[Number(step)] ?? node, root)
