import { edifactSeparators, problemOf, x12Separators, type SegmentSeparators } from '../../../schemas/segment-separators.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { entryOf, textOf, type Located } from '../located-yaml.js'
import { membersOf, resolveType, type Description, type Member, type SegmentSettings } from './description.js'

const words: readonly string[] = ['family', 'separators', 'una', 'lines', 'encoding']
const separatorWords = ['segment', 'element', 'component', 'repetition', 'release', 'point'] as const

/** Reads `segments: { family: x12, separators: { element: '|' } }`. Fails with mapping-invalid at file and line. */
export const parseSegmentSettings = (located: Located): Result<SegmentSettings> => {
  const { at } = located
  const unknown = located.kind === 'map' ? located.entries.find(({ key }) => !words.includes(key)) : undefined
  if (unknown !== undefined) return fail('mapping-invalid', unknown.at, `Segments have no '${unknown.key}'; they have ${words.join(', ')}.`)
  const family = textOf(located, 'family')
  if (family !== 'edifact' && family !== 'x12') return fail('mapping-invalid', at, '`family` is edifact or x12: which service segments stand around messages.')
  const separators = parseSeparators(entryOf(located, 'separators'), family === 'x12' ? x12Separators : edifactSeparators)
  if (!separators.ok) return separators
  return ok({ at, family, separators: separators.value, una: textOf(located, 'una') !== 'no', lines: textOf(located, 'lines') !== 'no', encoding: textOf(located, 'encoding') })
}

const parseSeparators = (located: Located | undefined, usual: SegmentSeparators): Result<SegmentSeparators> => {
  if (located === undefined) return ok(usual)
  const unknown = located.kind === 'map' ? located.entries.find(({ key }) => !separatorWords.some((word) => word === key)) : undefined
  if (unknown !== undefined) return fail('mapping-invalid', unknown.at, `There is no separator '${unknown.key}'; there are ${separatorWords.join(', ')}.`)
  const said = (word: (typeof separatorWords)[number]): string => {
    const text = textOf(located, word) ?? usual[word]
    return text === 'none' ? '' : text === 'newline' ? '\n' : text
  }
  const separators: SegmentSeparators = { segment: said('segment'), element: said('element'), component: said('component'), repetition: said('repetition'), release: said('release'), point: said('point') === ',' ? ',' : '.' }
  const long = separatorWords.find((word) => said(word).length > 1)
  const problem = long === undefined ? problemOf(separators) : `\`${long}\` is one character, \`none\` or \`newline\``
  return problem === undefined ? ok(separators) : fail('mapping-invalid', located.at, `These cannot separate: ${problem}.`)
}

/** What is called by two or three capitals and digits is a segment, whatever else stands in a document or a group is a group. */
export const isSegmentName = (name: string): boolean => /^[A-Z][A-Z0-9]{1,2}$/.test(name)

/** Documents and groups hold segments and groups; a group begins with a segment; a segment holds elements, an element components. Nothing of them is secret, for bytes are shown as they came. */
export const checkSegments = (description: Description): Result<undefined> => {
  for (const document of description.documents.values()) {
    const checked = checkGroup(description, document, new Set())
    if (!checked.ok) return checked
  }
  return ok(undefined)
}

const membersAt = (description: Description, { type }: Member): readonly Member[] | undefined => {
  const tree = resolveType(description, type)
  return tree.form === 'tree' ? membersOf(tree) : undefined
}

const checkGroup = (description: Description, group: Member, above: ReadonlySet<Member['type']>): Result<undefined> => {
  const members = membersAt(description, group)
  if (members === undefined || above.has(group.type)) return fail('mapping-invalid', group.at, `${group.name} is a tree of segments and groups, and does not hold itself.`)
  const [first] = members
  if (first === undefined || !isSegmentName(first.name)) return fail('mapping-invalid', group.at, `${group.name} begins with the segment that it is known by: a name of two or three capitals or digits.`)
  for (const member of members) {
    const checked = isSegmentName(member.name) ? checkSegment(description, member) : checkGroup(description, member, new Set([...above, group.type]))
    if (!checked.ok) return checked
  }
  return ok(undefined)
}

const checkSegment = (description: Description, segment: Member): Result<undefined> => {
  const elements = membersAt(description, segment)
  if (elements === undefined) return fail('mapping-invalid', segment.at, `The segment ${segment.name} is a tree of its elements.`)
  for (const element of elements) {
    const components = membersAt(description, element)
    const deeper = components?.find((component) => membersAt(description, component) !== undefined)
    if (deeper !== undefined) return fail('mapping-invalid', deeper.at, 'A component holds no others.')
    const secret = [element, ...components ?? []].find(({ type }) => isSecret(description, type))
    if (secret !== undefined) return fail('mapping-invalid', secret.at, 'Segments have no secrets: their bytes are shown as they came.')
  }
  return ok(undefined)
}

const isSecret = (description: Description, use: Member['type']): boolean => {
  const type = resolveType(description, use)
  return type.form === 'value' && type.secret
}
