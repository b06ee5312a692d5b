import { stringify } from 'yaml'
import type { DraftedChoice, DraftedDescription, DraftedMember, DraftedTree, DraftedType, DraftedUse } from './drafted-description.js'

/** The words that a tree says of itself: a child of such a name is written with `./`. */
const ownWords = new Set(['text', 'extends', 'order', 'open', 'choice', 'is'])

const widest = 170

/** A description as YAML: trees in block style, or with `compact` as flow maps that fill their lines. */
export const writeDescription = ({ namespaces, types, elements, documents }: DraftedDescription, compact = false): string => {
  const parts: string[] = []
  if (Object.keys(namespaces).length > 0) parts.push(`namespaces:\n${Object.entries(namespaces).map(([prefix, uri]) => `  ${prefix}: ${scalar(uri)}\n`).join('')}`)
  if (types.size > 0) parts.push(`types:\n${[...types].map(([name, type]) => entry(name, type, 1, compact)).join('')}`)
  if (elements.size > 0) parts.push(`elements:\n${wrapped([...elements].map(([step, type]) => `${scalar(step)}: ${scalar(type)}`), 1)}`)
  if (documents.size > 0) parts.push(`documents:\n${[...documents].map(([name, use]) => entry(name, use, 1, compact)).join('')}`)
  return parts.join('\n')
}

/** A text as YAML writes it, in quotes where it has to be. */
const scalar = (text: string): string => stringify(text, { lineWidth: 0 }).trimEnd()

const indent = (level: number): string => '  '.repeat(level)

const entry = (key: string, use: DraftedUse | undefined, level: number, compact: boolean): string => {
  const start = `${indent(level)}${scalar(key)}:`
  if (use === undefined) return `${start}\n`
  if (typeof use === 'string') return `${start} ${scalar(use)}\n`
  if (use.form === 'value' || isBare(use)) return `${start} ${inPlace(use)}\n`
  if (compact) return `${start}\n${wrapped(flowEntries(use), level + 1)}`
  return `${start}\n${blockEntries(use).map(([name, type]) => (typeof type === 'string' || type === undefined || 'form' in type ? entry(name, type, level + 1, compact) : `${indent(level + 1)}${scalar(name)}:\n${type.map((member) => entry(keyOf(member), member.type, level + 2, compact)).join('')}`)).join('')}`
}

const isBare = (tree: DraftedTree): boolean => tree.members.length === 0 && tree.attributes.length === 0 && tree.base === undefined && tree.text === undefined

type BlockEntry = readonly [string, DraftedUse | undefined | readonly DraftedMember[]]

const blockEntries = (tree: DraftedTree): readonly BlockEntry[] => [
  ...headOf(tree),
  ...tree.attributes.map((attribute): BlockEntry => [`@${keyOf(attribute)}`, attribute.type]),
  ...tree.members.map((member): BlockEntry => ('choice' in member ? [choiceKey(member), member.choice] : [keyOf(member), member.type])),
]

const headOf = (tree: DraftedTree): readonly BlockEntry[] => [
  ...tree.base === undefined ? [] : [['extends', tree.base] as const],
  ...tree.open ? [['open', 'yes'] as const] : [],
  ...tree.anyOrder ? [['order', 'any'] as const] : [],
  ...tree.text === undefined ? [] : [['text', tree.text] as const],
]

const choiceKey = ({ min, max }: DraftedChoice): string => `choice ${min}..${times(max)}`

const times = (max: number): string => (max === Infinity ? '*' : String(max))

/** `cbc:ID 1..1`; `0..1` goes without saying. */
const keyOf = ({ step, min, max }: DraftedMember): string => {
  const name = ownWords.has(step) ? `./${step}` : step
  return min === 0 && max === 1 ? name : `${name} ${min}..${times(max)}`
}

const flowEntries = (tree: DraftedTree): readonly string[] => blockEntries(tree).map(([key, type]) => {
  if (type === undefined) return scalar(key)
  if (typeof type === 'string') return `${scalar(key)}: ${scalar(type)}`
  return `${scalar(key)}: ${'form' in type ? inPlace(type) : `{ ${type.map((member) => (member.type === undefined ? scalar(keyOf(member)) : `${scalar(keyOf(member))}: ${inPlaceUse(member.type)}`)).join(', ')} }`}`
})

const inPlaceUse = (use: DraftedUse): string => (typeof use === 'string' ? scalar(use) : inPlace(use))

const inPlace = (type: DraftedType): string => {
  if (type.form === 'tree') return isBare(type) ? `{ open: yes }` : `{ ${flowEntries(type).join(', ')} }`
  const words = Object.entries(type.words).map(([word, text]) => `${word}: ${flowScalar(text)}`)
  const codes = type.codes.length === 0 ? [] : [`codes: [${type.codes.map(flowScalar).join(', ')}]`]
  const attributes = type.attributes.length === 0 ? [] : [`attributes: { ${type.attributes.map((one) => (one.type === undefined ? keyOf(one) : `${keyOf(one)}: ${inPlaceUse(one.type)}`)).join(', ')} }`]
  return `{ ${[...words, ...codes, ...attributes].join(', ')} }`
}

const flowScalar = (text: string): string => (/^[A-Za-z0-9_.-]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`)

/** Entries of a flow map over as many lines as they need. */
const wrapped = (entries: readonly string[], level: number): string => {
  const lines: string[] = []
  let line = `${indent(level)}{`
  for (const [index, text] of entries.entries()) {
    const piece = ` ${text}${index < entries.length - 1 ? ',' : ''}`
    if (line.length + piece.length > widest) {
      lines.push(line)
      line = `${indent(level)} `
    }
    line += piece
  }
  return `${[...lines, `${line} }`].join('\n')}\n`
}
