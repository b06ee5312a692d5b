import { parseDecimal, zero, type Decimal } from '../../../schemas/decimal.js'
import { fail, ok, type Failure, type Result } from '../../../schemas/result.js'
import { entryOf, textOf, textsOf, type Located } from '../located-yaml.js'
import { parseSourcePath, type SourcePath } from '../source-path.js'
import { linearPattern } from './linear-pattern.js'
import { parseTimes, parseTypeInPlace } from './parse-description.js'
import type { Condition, NamedRule, Narrowing, Profile } from './profile.js'
import { all, any, bound, byFunction, codes, count, differ, distinct, equal, none, ordered, pattern, product, sum, type RuleFunction, type Test } from './rule-tests.js'

/** What rules may name, and the first thing that was wrong in them. */
interface Known {
  readonly namespaces: Readonly<Record<string, string>>
  readonly functions: Readonly<Record<string, RuleFunction>>
  /** Code lists of the profile, by name. */
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>
  failure: Failure | undefined
}

/** Reads one file of `profiles/`. Fails with mapping-invalid at file and line. */
export const parseProfile = (file: Located, namespaces: Known['namespaces'], functions: Known['functions']): Result<Profile> => {
  const name = textOf(file, 'profile')
  const of = textsOf(entryOf(file, 'of'))
  if (name === undefined || of.length === 0) return fail('mapping-invalid', file.at, 'A profile has a name, `profile`, and says of which formats it is, `of`.')
  const lists = new Map(entriesOf(entryOf(file, 'lists')).map(({ key, value }) => [key, new Set(textsOf(value).flatMap((text) => text.split(' ')))]))
  const known: Known = { namespaces, functions, lists, failure: undefined }
  const when = textsOf(entryOf(file, 'when')).map((text) => conditionOf(text, known, file.at))
  const narrowings = entriesOf(entryOf(file, 'tree')).map(({ key, value, at }) => narrowingOf(key, value, at, known))
  const rules = entriesOf(entryOf(file, 'rules')).map(({ key, value, at }) => ruleOf(key, value, at, known))
  return known.failure ?? ok({ name, at: file.at, of, when, narrowings, rules })
}

/** Keeps the first thing that is wrong; the reader goes on with something harmless. */
const refuse = (known: Known, at: string, detail: string): void => { known.failure ??= fail('mapping-invalid', at, detail) }

const must = <T>(known: Known, result: Result<T>, otherwise: T): T => {
  if (result.ok) return result.value
  known.failure ??= result
  return otherwise
}

const entriesOf = (map: Located | undefined) => (map?.kind === 'map' ? map.entries : [])

const pathOf = (text: string, known: Known, at: string): SourcePath =>
  must(known, parseSourcePath(text, known.namespaces, at), { text, absolute: false, segments: [] })

const pathsOf = (located: Located | undefined, known: Known, at: string): readonly SourcePath[] => textsOf(located).map((text) => pathOf(text, known, at))

const conditionText = /^(!?)((?:[^=[\]!>]|\[[^\]]*\])+)(?:(!?=|>)(.*))?$/

/** `path`, `!path`, `path=value`, `path!=value`, `path>number`, `path[starts=value]`; several joined by ` or ` are true where one of them is. */
const conditionOf = (text: string, known: Known, at: string): Condition => text.split(' or ').map((one) => {
  const starts = /^(.+)\[starts=(.*)\]$/.exec(one)
  if (starts !== null) return { path: pathOf(starts[1] ?? '', known, at).segments, asks: 'starts', value: starts[2] ?? '', negated: false }
  const [, mark, path, sign, value = ''] = conditionText.exec(one) ?? []
  if (path === undefined) refuse(known, at, `'${one}' is not a condition; write it like path, !path, path=value or path>0.`)
  return { path: pathOf(path ?? '.', known, at).segments, asks: sign === undefined ? 'there' : sign === '>' ? 'above' : 'is', value, negated: mark === '!' || sign === '!=' }
})

const narrowingOf = (key: string, value: Located, at: string, known: Known): Narrowing => {
  const [text = '', times] = key.split(' ')
  const { segments } = pathOf(text, known, at)
  const last = segments.at(-1) ?? { name: '', namespace: '', attribute: false, repeats: false, predicates: [] }
  const span = times === undefined ? { min: undefined, max: undefined } : must(known, parseTimes(times, at), { min: 0, max: 1 })
  const type = value.kind === 'map' ? must(known, parseTypeInPlace(value, known.namespaces), undefined) : undefined
  if (type !== undefined && type.form !== 'value') refuse(known, at, 'A profile narrows a text by `{ is: … }`.')
  return { at, text, parent: segments.slice(0, -1), last, ...span, type: type?.form === 'value' ? type : undefined }
}

const ruleOf = (name: string, located: Located, at: string, known: Known): NamedRule => {
  const says = textOf(located, 'says')
  const tests = entriesOf(located).flatMap(({ key, value, at: place }) => testsOf(key, value, place, known))
  if (says === undefined || tests.length === 0) refuse(known, at, `The rule ${name} ${says === undefined ? 'says nothing: write `says`' : 'asks for nothing'}.`)
  return {
    name, at, says: says ?? '', zh: textOf(located, 'zh') ?? says ?? '', tests,
    warning: textOf(located, 'severity') === 'warning',
    contexts: pathsOf(entryOf(located, 'for'), known, at).map(({ segments }) => segments),
    conditions: textsOf(entryOf(located, 'if')).map((text) => conditionOf(text, known, at)),
    breaks: entriesOf(entryOf(located, 'breaks')).map(({ key, value }) => ({ path: pathOf(key, known, at), text: value.kind === 'text' ? value.text : undefined })),
  }
}

const testsOf = (word: string, value: Located, at: string, known: Known): readonly Test[] => {
  const paths = (): readonly SourcePath[] => pathsOf(value, known, at)
  const pathsAt = (key: string): readonly SourcePath[] => pathsOf(entryOf(value, key), known, at)
  const each = (make: (path: SourcePath, what: Located, place: string) => Test): readonly Test[] =>
    entriesOf(value).map((entry) => make(pathOf(entry.key, known, entry.at), entry.value, entry.at))
  switch (word) {
    case 'says': case 'zh': case 'severity': case 'for': case 'if': case 'breaks': return []
    case 'all': return [all(paths())]
    case 'any': return [any(paths())]
    case 'none': return [none(paths())]
    case 'equal': return value.kind === 'map' ? each((path, text) => equal(path, { text: textIn(text) })) : equalOf(paths(), known, at)
    case 'ordered': case 'differ': return pairOf(word, paths(), known, at)
    case 'distinct': return paths().map(distinct)
    case 'sum': return comparedOf(value, known, at).map((is) => sum({ of: pathsAt('of'), less: pathsAt('less'), is, within: numberAt(value, 'within', zero, known), zeroIfMissing: textOf(value, 'zero') === 'yes' }))
    case 'product': return comparedOf(value, known, at).map((is) => product({ of: pathsAt('of'), per: numberAt(value, 'per', one, known), is, within: numberAt(value, 'within', zero, known) }))
    case 'codes': return each((path, list, place) => codes(path, listOf(list, known, place)))
    case 'pattern': return each((path, text) => pattern(path, must(known, linearPattern(textIn(text)), /^/)))
    case 'least': case 'most': case 'more': return each((path, text, place) => bound(word, path, must(known, parseDecimal(textIn(text), place), zero)))
    case 'count': return each((path, text, place) => {
      const { min, max } = must(known, parseTimes(textIn(text), place), { min: 0, max: 1 })
      return count(path, min, max)
    })
    case 'function': return textsOf(value).flatMap((name) => functionOf(name, known, at))
    default: refuse(known, at, `A rule has no '${word}'.`); return []
  }
}

const one = '1' as Decimal

const textIn = (located: Located): string => (located.kind === 'text' ? located.text ?? '' : '')

const functionOf = (name: string, known: Known, at: string): readonly Test[] => {
  const found = known.functions[name]
  if (found === undefined) refuse(known, at, `There is no rule '${name}' in functions.ts.`)
  return found === undefined ? [] : [byFunction(found)]
}

/** What a sum or a product is compared with. */
const comparedOf = (value: Located, known: Known, at: string): readonly SourcePath[] => {
  const text = textOf(value, 'is')
  if (text === undefined) refuse(known, at, '`is` names the path that the result stands at.')
  return text === undefined ? [] : [pathOf(text, known, at)]
}

const pairOf = (word: 'ordered' | 'differ', [first, second]: readonly SourcePath[], known: Known, at: string): readonly Test[] => {
  if (first === undefined || second === undefined) refuse(known, at, `\`${word}\` has two paths.`)
  return first === undefined || second === undefined ? [] : [word === 'ordered' ? ordered(first, second) : differ(first, second)]
}

const equalOf = ([first, second]: readonly SourcePath[], known: Known, at: string): readonly Test[] => {
  if (first === undefined || second === undefined) refuse(known, at, '`equal` has two paths, or a path and what it says: `{ path: text }`.')
  return first === undefined || second === undefined ? [] : [equal(first, { path: second })]
}

const listOf = (located: Located, known: Known, at: string): ReadonlySet<string> => {
  if (located.kind !== 'text' || located.text === undefined) return new Set(textsOf(located).flatMap((text) => text.split(' ')))
  const list = known.lists.get(located.text)
  if (list === undefined) refuse(known, at, `There is no list '${located.text}'.`)
  return list ?? new Set()
}

const numberAt = (located: Located, key: string, otherwise: Decimal, known: Known): Decimal => {
  const text = textOf(located, key)
  return text === undefined ? otherwise : must(known, parseDecimal(text, located.at), otherwise)
}
