import { resolveType, type Description, type Member, type TypeUse, type ValueType } from './description.js'
import type { DescriptionParts } from './format-description.js'

const mostLines = 2_000
const deepest = 5

/** The tree of a document for people: names, how often, types and codes; then the profiles with what their rules say. */
export const printDescription = ({ description, profiles }: DescriptionParts, document: Member, formatId: string): string => {
  const lines: string[] = []
  print(description, document, 0, lines, [])
  for (const profile of profiles.filter(({ of }) => of.includes(formatId))) {
    lines.push('', `profile ${profile.name}`, ...profile.narrowings.map(({ text, min, max }) => `  ${text} ${min === undefined ? '' : times(min, max ?? 1)}`.trimEnd()), ...profile.rules.map(({ name, says }) => `  ${name}: ${says}`))
  }
  return lines.join('\n')
}

const times = (min: number, max: number): string => `${min}..${max === Infinity ? '*' : max}`

const print = (description: Description, member: Member, depth: number, lines: string[], above: readonly TypeUse[], mark = ''): void => {
  if (lines.length >= mostLines) return
  const type = resolveType(description, member.type)
  const value = type.form === 'value' ? valueText(type) : type.text === undefined ? '' : 'text'
  const line = `${'  '.repeat(depth)}${mark}${member.step} ${times(member.min, member.max)}${value === '' ? '' : `  ${value}`}`
  const again = type.form === 'tree' && (depth >= deepest || above.some((use) => use.form === 'named' && member.type.form === 'named' && use.name === member.type.name))
  lines.push(again ? `${line}  …` : line)
  if (again) return
  for (const attribute of type.attributes) print(description, attribute, depth + 1, lines, above, '@')
  if (type.form === 'value') return
  for (const one of type.members) {
    if (one.form === 'choice') lines.push(`${'  '.repeat(depth + 1)}of these ${times(one.min, one.max)}:`)
    for (const child of one.form === 'choice' ? one.members : [one]) print(description, child, depth + (one.form === 'choice' ? 2 : 1), lines, [...above, member.type])
  }
}

const mostCodes = 8

const valueText = ({ is, max, layout, codes, otherCodes, secret, pattern }: ValueType): string => {
  const list = codes === undefined ? [] : [...codes].slice(0, mostCodes).map(([code, meaning]) => (meaning === '' ? code : `${code} ${meaning}`))
  return [is, ...max === undefined ? [] : [`up to ${max}`], ...layout === undefined ? [] : [layout], ...pattern === undefined ? [] : [`/${pattern}/`], ...list.length === 0 ? [] : [`(${list.join(', ')}${(codes?.size ?? 0) > mostCodes || otherCodes ? ', …' : ''})`], ...secret ? ['secret'] : []].join(' ')
}
