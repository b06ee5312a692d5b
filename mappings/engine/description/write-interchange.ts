import { services, type ServicePair } from '../../../schemas/interchange-reader.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { writeSegments, type WrittenSegment } from '../../../schemas/segments-writer.js'
import type { SegmentSettings } from './description.js'
import type { ElementPlan, GroupPlan, SegmentPlan, TextPlan } from './segment-plan.js'

/** Messages as one interchange: what the maps say stands, references that they leave out are counted, trailers are made. Fails with value-invalid at a path. */
export const writeInterchange = (settings: SegmentSettings, plans: ReadonlyMap<string, GroupPlan>, roots: readonly Node[]): Result<string> => {
  const { family, separators } = settings
  const service = services[family]
  const messages = roots.flatMap((root) => {
    const plan = plans.get(root.name)
    return plan === undefined ? [] : [segmentsOf(plan, settings, root, '')]
  })
  const all = messages.flat()
  const opening = openingOf(own(all, service.interchange.open), settings, all)
  if (!opening.ok) return opening
  // X12's TA1 stands in its interchange without a group, and is counted by nothing.
  const standsAlone = family === 'x12' && roots.every(({ name }) => name === 'TA1')
  const groups = standsAlone ? [] : all.some(({ tag }) => tag === service.group.open) || family === 'x12' ? [withReference(own(all, service.group.open), service.group.reference, '1')] : []
  const written = messages.map((segments, index) => (standsAlone ? segments.filter(({ tag }) => tag === 'TA1') : messageOf(segments, settings, index)))
  const segments = [
    opening.value, ...groups, ...written.flat(),
    ...groups.map((opened) => trailerOf(service.group, written.length, opened)),
    trailerOf(service.interchange, standsAlone ? 0 : groups.length > 0 ? groups.length : written.length, opening.value),
  ]
  const body = writeSegments(segments, separators, settings.lines && separators.segment !== '\n' ? '\n' : '')
  if (!body.ok || family === 'x12' || !settings.una) return body
  const { component, element, point, release, repetition, segment } = separators
  return ok(`UNA${component}${element}${point}${release || ' '}${repetition || ' '}${segment}${settings.lines ? '\n' : ''}${body.value}`)
}

/** The segment of a tag, or an empty one. */
const own = (segments: readonly WrittenSegment[], tag: string): WrittenSegment => segments.find((segment) => segment.tag === tag) ?? { tag, path: tag, elements: [] }

const trailerOf = ({ close, reference }: ServicePair, count: number, opened: WrittenSegment): WrittenSegment => ({ tag: close, path: close, elements: [[[String(count)]], [[textAt(opened, reference)]]] })

/** UNH to UNT, or ST to SE: counted, with a reference of its own where it has none. */
const messageOf = (inside: readonly WrittenSegment[], { family }: SegmentSettings, index: number): readonly WrittenSegment[] => {
  const { interchange, group, message } = services[family]
  const head = withReference(own(inside, message.open), message.reference, family === 'x12' ? String(index + 1).padStart(4, '0') : String(index + 1))
  const body = inside.filter(({ tag }) => ![interchange.open, group.open, message.open, message.close].includes(tag))
  return [head, ...body, trailerOf(message, body.length + 2, head)]
}

const textAt = ({ elements }: WrittenSegment, index: number): string => elements[index]?.[0]?.[0] ?? ''

const withReference = (segment: WrittenSegment, index: number, number: string): WrittenSegment => (textAt(segment, index) !== '' ? segment : withElement(segment, index, number))

const withElement = (segment: WrittenSegment, index: number, text: string): WrittenSegment =>
  ({ ...segment, elements: Array.from({ length: Math.max(segment.elements.length, index + 1) }, (_, at) => (at === index ? [[text]] : segment.elements[at] ?? [])) })

/** What each element of ISA has: its length, and what stands there where nothing is said (X12.5). */
const isaElements: readonly (readonly [length: number, usual: string])[] = [
  [2, '00'], [10, ''], [2, '00'], [10, ''], [2, 'ZZ'], [15, ''], [2, 'ZZ'], [15, ''], [6, '000000'], [4, '0000'], [1, ''], [5, '00501'], [9, '1'], [1, '0'], [1, 'P'], [1, ''],
]
const repetitionElement = 10
const versionElement = 11
const controlElement = 12
const componentElement = 15

/** UNB with its syntax and a reference; ISA at its fixed lengths, with the separators that it declares. */
const openingOf = (segment: WrittenSegment, { family, separators }: SegmentSettings, all: readonly WrittenSegment[]): Result<WrittenSegment> => {
  if (family === 'edifact') return ok(withReference(withSyntax(segment, all), services.edifact.interchange.reference, '1'))
  const elements: string[] = []
  const hasRepetition = separators.repetition !== '' && (textAt(segment, versionElement) || '00501') >= '00402'
  for (const [index, [length, usual]] of isaElements.entries()) {
    const text = index === repetitionElement ? (hasRepetition ? separators.repetition : 'U') : index === componentElement ? separators.component : textAt(segment, index).trim() || usual
    if (text.length > length) return fail('value-invalid', `ISA/ISA${String(index + 1).padStart(2, '0')}`, `${JSON.stringify(text.slice(0, 40))} has ${text.length} characters; ${length} have a place in the ISA.`)
    elements.push(index === controlElement ? text.padStart(length, '0') : text.padEnd(length))
  }
  return ok({ ...segment, elements: elements.map((text) => [[text]]), declares: [repetitionElement, componentElement] })
}

/** ISO 8859-1 where all of it can be said in it, else UTF-8, which only syntax version 4 has. */
const withSyntax = (segment: WrittenSegment, all: readonly WrittenSegment[]): WrittenSegment => {
  if (textAt(segment, 0) !== '') return segment
  const isLatin = all.every(({ elements }) => elements.every((element) => element.every((components) => components.every((text) => !/[^\u0020-\u00ff\r\n\t]/.test(text)))))
  return { ...segment, elements: [[isLatin ? ['UNOC', '3'] : ['UNOW', '4']], ...segment.elements.slice(1)] }
}

/** The segments of a tree in the order of its description; what that does not know stands behind the segments that it follows, before the groups. */
const segmentsOf = (plan: GroupPlan, settings: SegmentSettings, node: Node, path: string): readonly WrittenSegment[] => {
  const known = new Set(plan.members.map(({ name }) => name))
  const unknown = node.children.filter(({ name }) => !known.has(name)).map((child) => segmentOf({ name: child.name, elements: [] }, settings, child, pathTo(path, child.name)))
  const firstGroup = plan.members.findIndex(({ form }) => form === 'group')
  const of = (member: GroupPlan['members'][number]): readonly WrittenSegment[] => {
    const children = node.children.filter(({ name }) => name === member.name)
    return children.flatMap((child, index) => {
      const step = pathTo(path, children.length > 1 ? `${child.name}[${index + 1}]` : child.name)
      return member.form === 'group' ? segmentsOf(member, settings, child, step) : [segmentOf(member, settings, child, step)]
    })
  }
  const before = firstGroup < 0 ? plan.members : plan.members.slice(0, firstGroup)
  return [...before.flatMap(of), ...unknown, ...plan.members.slice(before.length).flatMap(of)]
}

const pathTo = (path: string, step: string): string => (path === '' ? step : `${path}/${step}`)

const segmentOf = ({ name, elements: plans }: Pick<SegmentPlan, 'name' | 'elements'>, settings: SegmentSettings, node: Node, path: string): WrittenSegment => {
  const left = [...node.children]
  const take = (plan: ElementPlan | undefined, index: number): readonly (readonly string[])[] => {
    const step = plan?.name ?? `element_${index + 1}`
    // In EDIFACT each place takes one; what is more than the places hold repeats at the last.
    const isLast = settings.family === 'x12' || plans[index + 1]?.name !== step
    const taken: Node[] = []
    for (let at = left.findIndex((child) => child.name === step); at >= 0; at = isLast ? left.findIndex((child) => child.name === step) : -1) taken.push(...left.splice(at, 1))
    const [first = [], ...others] = taken.map((child) => componentsOf(plan, settings, child))
    const extra = node.children.flatMap(({ name: of, text }) => (of.startsWith(`${step}_component_`) ? [{ at: Number(of.slice(step.length + componentMark.length)), text }] : [])).filter(({ at }) => at > 1 && at <= mostComponents)
    const length = Math.max(first.length, ...extra.map(({ at }) => at))
    return [Array.from({ length }, (_, at) => extra.find((one) => one.at === at + 1)?.text ?? first[at] ?? ''), ...others]
  }
  const behind = Math.max(0, ...node.children.map((child) => Number(/^element_(\d{1,4})(?:_component_\d{1,4})?$/.exec(child.name)?.[1] ?? 0)))
  return { tag: name, path, elements: Array.from({ length: Math.max(plans.length, behind) }, (_, index) => take(plans[index], index)) }
}

const componentMark = '_component_'
/** More than that no element has. */
const mostComponents = 9999

const componentsOf = (plan: ElementPlan | undefined, settings: SegmentSettings, node: Node): readonly string[] => {
  const left = [...node.children]
  const behind = Math.max(0, ...left.map(({ name }) => Number(/^component_(\d{1,4})$/.exec(name)?.[1] ?? 0)))
  const own = plan?.components === undefined ? [textOf(plan, settings, node)] : []
  const plans = plan?.components ?? []
  return Array.from({ length: Math.max(own.length, plans.length, behind) }, (_, index) => {
    if (index < own.length) return own[index] ?? ''
    const at = left.findIndex(({ name }) => name === (plans[index]?.name ?? `component_${index + 1}`))
    const [child] = at < 0 ? [] : left.splice(at, 1)
    return child === undefined ? '' : textOf(plans[index], settings, child)
  })
}

const textOf = (plan: TextPlan | undefined, { separators }: SegmentSettings, { text }: Node): string => (plan?.isDecimal === true && separators.point === ',' ? text.replace('.', ',') : text)
