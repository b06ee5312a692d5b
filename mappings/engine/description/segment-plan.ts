import type { SegmentFamily } from '../../../schemas/segment-separators.js'
import { membersOf, resolveType, type Description, type Member } from './description.js'
import { isSegmentName } from './parse-segment-settings.js'

/** A component of an element, or an element without components. */
export interface TextPlan {
  readonly name: string
  readonly isDecimal: boolean
  readonly listed: boolean
}

/** What stands at one place of a segment. */
export interface ElementPlan extends TextPlan {
  /** By their places; undefined of an element without. */
  readonly components: readonly TextPlan[] | undefined
}

export interface SegmentPlan {
  readonly form: 'segment'
  readonly name: string
  readonly max: number
  readonly listed: boolean
  readonly elements: readonly ElementPlan[]
}

/** A document or a group: segments and groups in their order. */
export interface GroupPlan {
  readonly form: 'group'
  readonly name: string
  readonly max: number
  readonly listed: boolean
  readonly members: readonly (SegmentPlan | GroupPlan)[]
  /** By the tag of a segment, or of a group's first one, where among the members it is. */
  readonly places: ReadonlyMap<string, readonly number[]>
}

/** More places than that no segment has; a member that may stand without end takes as many. */
const mostPlaces = 99

/** Of one document how its segments nest and what stands at their places. In EDIFACT what may stand several times has as many places, in X12 one whose repetitions are divided. */
export const planOf = (description: Description, document: Member, family: SegmentFamily): GroupPlan => {
  const membersAt = ({ type }: Member): readonly Member[] | undefined => {
    const tree = resolveType(description, type)
    return tree.form === 'tree' ? membersOf(tree) : undefined
  }
  const isDecimal = ({ type: use }: Member): boolean => {
    const type = resolveType(description, use)
    return type.form === 'value' && type.is === 'decimal'
  }
  const places = (members: readonly Member[]): readonly Member[] => (family === 'x12' ? members : members.flatMap((member) => Array.from({ length: Math.min(member.max, mostPlaces) }, () => member)))
  const textPlan = (member: Member): TextPlan => ({ name: member.name, isDecimal: isDecimal(member), listed: member.max > 1 })
  const elementPlan = (member: Member): ElementPlan => {
    const components = membersAt(member)
    return { ...textPlan(member), components: components === undefined ? undefined : places(components).map(textPlan) }
  }
  const segmentPlan = (member: Member): SegmentPlan => ({ form: 'segment', name: member.name, max: member.max, listed: member.max > 1, elements: places(membersAt(member) ?? []).map(elementPlan) })
  const groupPlan = (member: Member): GroupPlan => {
    const members = (membersAt(member) ?? []).map((one) => (isSegmentName(one.name) ? segmentPlan(one) : groupPlan(one)))
    return { form: 'group', name: member.name, max: member.max, listed: member.max > 1, members, places: placesByTag(members) }
  }
  return groupPlan(document)
}

/** A tag by which a segment or a group is known. */
const tagOf = (plan: SegmentPlan | GroupPlan | undefined): string => (plan === undefined ? '' : plan.form === 'segment' ? plan.name : tagOf(plan.members[0]))

const placesByTag = (members: GroupPlan['members']): GroupPlan['places'] => {
  const places = new Map<string, number[]>()
  for (const [index, member] of members.entries()) {
    const tag = tagOf(member)
    places.set(tag, [...places.get(tag) ?? [], index])
  }
  return places
}
