import { fail, ok, type Result } from '../../../schemas/result.js'
import type { SourceSegment } from '../source-path.js'
import { membersOf, resolveType, type Description, type Member, type TypeUse, type ValueType } from './description.js'
import type { Narrowing, Profile } from './profile.js'

/** Refuses a profile that widens its format, or that names a path which no document of the description has. */
export const checkNarrowing = (description: Description, profile: Profile): Result<undefined> => {
  const roots = [...description.documents.values()]
  const known = (path: readonly SourceSegment[], from: readonly TypeUse[]): readonly Member[] => membersAt(description, from, path)
  const tops = roots.map(({ type }) => type)
  for (const narrowing of profile.narrowings) {
    const members = known([...narrowing.parent, narrowing.last], tops)
    if (members.length === 0) return fail('mapping-invalid', narrowing.at, `No document of the description has ${narrowing.text}.`)
    const wider = members.map((member) => widening(narrowing, member, description)).find((one) => one !== undefined)
    if (wider !== undefined) return fail('mapping-invalid', narrowing.at, `A profile only narrows: ${narrowing.text} ${wider}.`)
  }
  for (const rule of profile.rules) {
    const contexts = rule.contexts.length === 0 ? tops : rule.contexts.flatMap((context) => known(context, tops).map(({ type }) => type))
    for (const { paths } of rule.tests) {
      const wrong = paths.find(({ segments, absolute }) => segments.length > 0 && known(segments, absolute ? tops : contexts).length === 0)
      if (wrong !== undefined) return fail('mapping-invalid', rule.at, `No document of the description has ${wrong.text} where the rule ${rule.name} looks for it.`)
    }
  }
  return ok(undefined)
}

/** The members that a path leads to from any of these types. */
export const membersAt = (description: Description, from: readonly TypeUse[], path: readonly SourceSegment[]): readonly Member[] => {
  let types = from
  let found: readonly Member[] = []
  for (const { name, namespace, attribute } of path) {
    const key = nameOf(attribute, namespace, name)
    found = types.flatMap((use) => namedMembers(description, use).get(key) ?? [])
    types = [...new Set(found.map(({ type }) => type))]
  }
  return found
}

type NamedMembers = ReadonlyMap<string, readonly Member[]>

/** Each type is laid out once: the rules of a profile name hundreds of paths from the same few documents. */
const laidOut = new WeakMap<Description, Map<TypeUse, NamedMembers>>()

const namedMembers = (description: Description, use: TypeUse): NamedMembers => {
  const types = laidOut.get(description) ?? new Map<TypeUse, NamedMembers>()
  laidOut.set(description, types)
  const made = types.get(use) ?? layOut(description, use)
  types.set(use, made)
  return made
}

/** Elements and attributes by name. A name may stand in several choices. */
const layOut = (description: Description, use: TypeUse): NamedMembers => {
  const type = resolveType(description, use)
  const named = new Map<string, Member[]>()
  const enter = (member: Member, key: string): void => {
    const same = named.get(key)
    if (same === undefined) named.set(key, [member])
    else same.push(member)
  }
  for (const member of type.form === 'tree' ? membersOf(type) : []) enter(member, nameOf(false, member.namespace, member.name))
  for (const member of attributesOf(type, description)) enter(member, nameOf(true, member.namespace, member.name))
  return named
}

const nameOf = (attribute: boolean, namespace: string, name: string): string => `${attribute ? '@' : ''}{${namespace}}${name}`

const attributesOf = (type: ReturnType<typeof resolveType>, description: Description): readonly Member[] => {
  const own = type.attributes
  if (type.form === 'value' || type.text === undefined) return own
  return [...own, ...resolveType(description, type.text.type).attributes]
}

const widening = ({ min, max, type }: Narrowing, member: Member, description: Description): string | undefined => {
  if (min !== undefined && min < member.min) return `has to stand ${member.min} times already`
  if (max !== undefined && max > member.max) return `may stand ${member.max} times at most`
  if (type === undefined) return undefined
  const whole = resolveType(description, member.type)
  return whole.form === 'value' ? wider(type, whole) : undefined
}

const wider = (narrow: ValueType, whole: ValueType): string | undefined => {
  const other = narrow.codes === undefined || whole.codes === undefined || whole.otherCodes ? undefined : [...narrow.codes.keys()].find((code) => whole.codes?.has(code) === false)
  if (other !== undefined) return `has no code ${other}`
  if (narrow.max !== undefined && whole.max !== undefined && narrow.max > whole.max) return `has ${whole.max} characters at most`
  return narrow.min !== undefined && whole.min !== undefined && narrow.min < whole.min ? `has ${whole.min} characters at least` : undefined
}
