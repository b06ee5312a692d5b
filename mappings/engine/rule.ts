import { fail, ok, type Result } from '../../schemas/result.js'
import { parseCanonicalPath, type CanonicalPath } from './canonical-path.js'
import { entryOf, textOf, textsOf, type Located } from './located-yaml.js'
import { parseSourcePath, type SourcePath } from './source-path.js'

/** Both directions, reading only (`<-`) or writing only (`->`). */
type Direction = 'both' | 'in' | 'out'

/** `canonical <=> path <=> converter`, with rules or a block for what stands below. */
export interface FieldRule {
  readonly rule: 'field'
  /** `file:line` */
  readonly at: string
  readonly direction: Direction
  readonly target: CanonicalPath
  /** `a & b <=> path`: the further fields that one value says. */
  readonly beside: readonly CanonicalPath[]
  readonly source: SourcePath
  readonly converter: string
  readonly below: Block | string | undefined
  /** Marked `!`: reading fails where the field is missing. */
  readonly required: boolean
}

/** `canonical <- 'text'` or `canonical <- counter`: what reading sets where nothing else did. */
export interface DefaultRule {
  readonly rule: 'default'
  readonly at: string
  readonly target: CanonicalPath
  /** undefined counts: the position of the item in its list. */
  readonly text: string | undefined
}

/** `sum(path) <=> path` or `count(list) <=> path`: a control figure that the format has and the document does not. */
export interface FigureRule {
  readonly rule: 'figure'
  readonly at: string
  readonly direction: Direction
  readonly of: 'sum' | 'count'
  readonly target: CanonicalPath
  readonly source: SourcePath
  readonly converter: string
  /** Marked `!`: reading refuses a document in which the figure is missing or wrong. */
  readonly required: boolean
}

/** Rules that hold where `source` (on reading) or `canonical` (on writing) is there, and `otherwise`. */
export interface ConditionRule {
  readonly rule: 'condition'
  readonly at: string
  readonly source: SourcePath
  readonly canonical: CanonicalPath
  /** Written with `!`: what must not be there. */
  readonly absent: { readonly source: boolean, readonly canonical: boolean }
  /** What stands at `canonical`, written behind a `=`; undefined where anything will do. */
  readonly value: string | undefined
  readonly rules: readonly Rule[]
  readonly otherwise: readonly Rule[]
}

/** `use: block`, with `at: path` where the block's paths start further down. */
export interface IncludeRule {
  readonly rule: 'include'
  readonly at: string
  readonly block: string
  readonly source: SourcePath
}

/** `ignore: path`: says nothing that the document would keep. */
export interface IgnoreRule {
  readonly rule: 'ignore'
  readonly at: string
  readonly source: SourcePath
}

export type Rule = FieldRule | FigureRule | DefaultRule | ConditionRule | IncludeRule | IgnoreRule

export interface Block {
  readonly rules: readonly Rule[]
  /** Fields without which an item is not made, and stays with the extensions; of several that stand together one will do. */
  readonly needs: readonly (readonly CanonicalPath[])[]
  /** A named function that looks at the finished item. */
  readonly after: string | undefined
  /** Taken from one place or not at all: fields of a second place never fill the gaps of the first. */
  readonly whole: boolean
  /** What an item says by standing below a group, the step above its own that is marked `*`. */
  readonly under: readonly FieldRule[]
}

type Namespaces = Readonly<Record<string, string>>

/** Reads a list of rules, or a map with `rules`, `needs` and `after`. Fails with mapping-invalid at file and line. */
export const parseBlock = (located: Located, namespaces: Namespaces): Result<Block> => {
  const list = located.kind === 'map' ? entryOf(located, 'rules') : located
  if (list?.kind !== 'list') return fail('mapping-invalid', located.at, 'Expected a list of rules.')
  const rules = parseRules(list.items, namespaces)
  if (!rules.ok) return rules
  const needs: CanonicalPath[][] = []
  for (const text of textsOf(entryOf(located, 'needs'))) {
    const paths = text.split(' or ').map((one) => parseCanonicalPath(one, located.at))
    const wrong = paths.find((path) => !path.ok)
    if (wrong !== undefined) return wrong
    needs.push(paths.flatMap((path) => (path.ok ? [path.value] : [])))
  }
  const under = parseUnder(entryOf(located, 'under'), namespaces)
  return under.ok ? ok({ rules: rules.value, needs, after: textOf(located, 'after'), whole: textOf(located, 'whole') === 'yes', under: under.value }) : under
}

const parseUnder = (located: Located | undefined, namespaces: Namespaces): Result<readonly FieldRule[]> => {
  const fields: FieldRule[] = []
  for (const text of textsOf(located)) {
    const rule = parseField(text, located?.at ?? '', undefined, namespaces)
    if (!rule.ok) return rule
    if (rule.value.rule === 'field') fields.push(rule.value)
  }
  return ok(fields)
}

const parseRules = (items: readonly Located[], namespaces: Namespaces): Result<readonly Rule[]> => {
  const rules: Rule[] = []
  for (const item of items) {
    const rule = parseRule(item, namespaces)
    if (!rule.ok) return rule
    rules.push(rule.value)
  }
  return ok(rules)
}

const parseRule = (item: Located, namespaces: Namespaces): Result<Rule> => {
  if (item.kind === 'text' && item.text !== undefined) return parseField(item.text, item.at, undefined, namespaces)
  if (item.kind !== 'map') return fail('mapping-invalid', item.at, 'Expected a rule.')
  if (entryOf(item, 'when') !== undefined) return parseCondition(item, namespaces)
  const block = textOf(item, 'use')
  if (block !== undefined) {
    const source = parseSourcePath(textOf(item, 'at') ?? '.', namespaces, item.at)
    return source.ok ? ok({ rule: 'include', at: item.at, block, source: source.value }) : source
  }
  const ignored = textOf(item, 'ignore')
  if (ignored !== undefined) {
    const source = parseSourcePath(ignored, namespaces, item.at)
    return source.ok ? ok({ rule: 'ignore', at: item.at, source: source.value }) : source
  }
  const [entry, second] = item.entries
  if (entry === undefined || second !== undefined) return fail('mapping-invalid', item.at, 'A rule with rules below it is one entry: `canonical <=> path: …`.')
  if (entry.value.kind === 'text') return parseField(entry.key, entry.at, entry.value.text, namespaces)
  const underneath = parseBlock(entry.value, namespaces)
  return underneath.ok ? parseField(entry.key, entry.at, underneath.value, namespaces) : underneath
}

const arrow = / +(<=>|<-|->) +/

const parseField = (text: string, at: string, underneath: Block | string | undefined, namespaces: Namespaces): Result<Rule> => {
  const [left = '', sign = '', right, , converter = 'text'] = text.trim().split(arrow)
  if (right === undefined) return fail('mapping-invalid', at, `'${text}' is not a rule: write 'canonical <=> path'.`)
  const required = left.endsWith('!')
  const figure = /^(sum|count)\((.*)\)!?$/.exec(left)
  if (figure !== null) return parseFigure({ of: figure[1] === 'sum' ? 'sum' : 'count', path: figure[2] ?? '', sign, right, converter: converter === 'text' ? 'decimal' : converter, required }, at, underneath, namespaces)
  const [first = '', ...further] = (required ? left.slice(0, -1) : left).split(' & ')
  const target = parseCanonicalPath(first, at)
  if (!target.ok) return target
  const beside: CanonicalPath[] = []
  for (const one of further) {
    const path = parseCanonicalPath(one, at)
    if (!path.ok) return path
    beside.push(path.value)
  }
  const constant = /^'(.*)'$/.exec(right)?.[1]
  if (constant !== undefined || right === 'counter') {
    return sign === '<-' ? ok({ rule: 'default', at, target: target.value, text: constant }) : fail('mapping-invalid', at, 'A constant or counter is for reading only: use <-.')
  }
  const source = parseSourcePath(right, namespaces, at)
  if (!source.ok) return source
  return ok({ rule: 'field', at, direction: directionOf(sign), target: target.value, beside, source: source.value, converter, below: underneath, required })
}

interface FigureText {
  readonly of: 'sum' | 'count'
  readonly path: string
  readonly sign: string
  readonly right: string
  readonly converter: string
  readonly required: boolean
}

const parseFigure = ({ of, path, sign, right, converter, required }: FigureText, at: string, underneath: Block | string | undefined, namespaces: Namespaces): Result<Rule> => {
  const target = parseCanonicalPath(path, at)
  if (!target.ok) return target
  const { parents, last } = target.value
  if (of === 'count' ? !last.list || last.index !== undefined : ![...parents, last].some(({ list, index }) => list && index === undefined)) return fail('mapping-invalid', at, `'${of}(${path})' is of no list: write sum(lines[].quantity.value) or count(lines[]).`)
  const source = parseSourcePath(right, namespaces, at)
  if (!source.ok) return source
  if (source.value.absolute || underneath !== undefined) return fail('mapping-invalid', at, 'A sum or a count stands at one place below its own block: no leading slash, no rules below it.')
  return ok({ rule: 'figure', at, direction: directionOf(sign), of, target: target.value, source: source.value, converter, required })
}

const directionOf = (sign: string): Direction => (sign === '<=>' ? 'both' : sign === '<-' ? 'in' : 'out')

const parseCondition = (item: Located, namespaces: Namespaces): Result<Rule> => {
  const { at } = item
  const when = entryOf(item, 'when')
  const asked = (key: string): string => (when === undefined ? '' : textOf(when, key) ?? '')
  const absent = { source: asked('source').startsWith('!'), canonical: asked('canonical').startsWith('!') }
  const source = parseSourcePath(asked('source').replace(/^!/, ''), namespaces, at)
  if (!source.ok) return source
  const [, path = '', value] = /^!?((?:[^=[]|\[[^\]]*\])*)(?:=(.*))?$/.exec(asked('canonical')) ?? []
  const canonical = parseCanonicalPath(path, at)
  if (!canonical.ok) return canonical
  const listAt = (key: string): readonly Located[] => {
    const list = entryOf(item, key)
    return list?.kind === 'list' ? list.items : []
  }
  const rules = parseRules(listAt('rules'), namespaces)
  if (!rules.ok) return rules
  const otherwise = parseRules(listAt('otherwise'), namespaces)
  return otherwise.ok ? ok({ rule: 'condition', at, source: source.value, canonical: canonical.value, absent, value, rules: rules.value, otherwise: otherwise.value }) : otherwise
}
