import { isBusinessDate } from '../../schemas/business-date.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { parseCanonicalPath } from './canonical-path.js'
import type { Converter, Report, Said } from './converter.js'
import { textOf, type Located } from './located-yaml.js'

/** What a code means from a day on until the next one that is named; the first entry's day is '' where it always held before. */
type Meanings = readonly { readonly from: string, readonly meaning: string | undefined }[]

interface CodeList {
  readonly name: string
  /** By code; one text where no day changes it. */
  readonly codes: ReadonlyMap<string, string | Meanings | undefined>
  readonly otherwise: string
  /** The field whose day counts; undefined where no day changes anything. */
  readonly by: string | undefined
}

/**
 * A list `theirs: ours` as a converter. Writing takes the first of several that mean the same. A code with an empty meaning stays with the
 * extensions in silence; one that is not listed does too, with a warning, unless `otherwise` says `refuse` or `pass` (as it is). A code may mean something else from a day on: the day is the
 * document's field `by`, issuedOn where the list names none; a code without a meaning on that day is as one that is not listed.
 */
export const codeListOf = (name: string, list: Located): Result<Converter> => {
  const read = readCodeList(name, list)
  if (!read.ok) return read
  const { codes, otherwise, by } = read.value
  const meaningOf = (code: string, day: string | undefined): string | undefined => {
    const means = codes.get(code)
    return typeof means === 'object' ? meaningOn(means, day) : means
  }
  const theirs = new Map<string, string>()
  for (const [code, meaning] of codes) if (typeof meaning === 'string' && !theirs.has(meaning)) theirs.set(meaning, code)
  const dayFor = (said: Said): string | undefined => (by === undefined ? undefined : dayOf(said(by)))
  return ok({
    ...by === undefined ? {} : { by },
    takes: {},
    read: (text, _node, report, said) => {
      const day = codes.get(text) === undefined ? undefined : dayFor(said)
      const meaning = meaningOf(text, day)
      if (meaning !== undefined || (codes.has(text) && typeof codes.get(text) !== 'object')) return meaning
      if (otherwise === 'pass' && !codes.has(text)) return text
      return unknownCode(read.value, text, day, report)
    },
    write: (value, _refuse, said) => {
      if (typeof value !== 'string') return undefined
      const day = dayFor(said)
      const code = by === undefined ? theirs.get(value) : [...codes.keys()].find((one) => meaningOf(one, day) === value)
      const text = code ?? (otherwise === 'pass' ? value : undefined)
      return text === undefined ? undefined : { text, kind: 'string' }
    },
  })
}

const dayOf = (value: unknown): string | undefined => (typeof value === 'string' && isBusinessDate(value) ? value : undefined)

const meaningOn = (meanings: Meanings, day: string | undefined): string | undefined => (day === undefined ? undefined : meanings.findLast(({ from }) => from <= day)?.meaning)

const unknownCode = ({ name, codes, otherwise, by }: CodeList, text: string, day: string | undefined, report: Report): unknown => {
  const what = `'${text.slice(0, 40)}'`
  const detail = !codes.has(text) ? `${what} is not in the code list '${name}' (${[...codes.keys()].join(', ')}).`
    : day === undefined ? `What ${what} means in the code list '${name}' goes by the day in ${by ?? ''}, which the document does not say.`
      : `${what} means nothing in the code list '${name}' on ${day} (${by ?? ''}).`
  return report('code-unknown', detail, otherwise === 'refuse' ? undefined : 'warning')
}

const readCodeList = (name: string, list: Located): Result<CodeList> => {
  if (list.kind !== 'map') return fail('mapping-invalid', list.at, `The code list '${name}' is no map.`)
  // In a list that no day changes, `by` is a code as any other.
  const dated = list.entries.some(({ value }) => value.kind === 'map')
  const codes = new Map<string, string | Meanings | undefined>()
  for (const { key, value, at } of list.entries) {
    if (key === 'otherwise' || (dated && key === 'by')) continue
    if (value.kind === 'list') return fail('mapping-invalid', at, `The code '${key}' has no text as its meaning.`)
    const meaning = value.kind === 'text' ? ok(value.text) : readMeanings(key, value)
    if (!meaning.ok) return meaning
    codes.set(key, meaning.value)
  }
  const by = dated ? textOf(list, 'by') ?? 'issuedOn' : undefined
  const path = by === undefined ? undefined : parseCanonicalPath(by, list.at)
  if (path?.ok === false) return path
  if (path?.value.place === undefined && path !== undefined) return fail('mapping-invalid', list.at, `'${by ?? ''}' is no field of the document as a whole; \`by\` names one, such as issuedOn.`)
  return ok({ name, codes, otherwise: textOf(list, 'otherwise') ?? 'warn', by })
}

const readMeanings = (code: string, map: Located): Result<Meanings> => {
  const meanings: Meanings[number][] = []
  for (const { key, value, at } of map.kind === 'map' ? map.entries : []) {
    const from = key === 'first' ? '' : key
    const before = meanings.at(-1)
    if (from !== '' && !isBusinessDate(from)) return fail('mapping-invalid', at, `'${key}' is no day; write the first day of each meaning like 2026-03-31, and \`first\` for what held before.`)
    if (before !== undefined && before.from >= from) return fail('mapping-invalid', at, `The days of the code '${code}' stand one after the other; '${key}' does not come after the one before it.`)
    if (value.kind !== 'text') return fail('mapping-invalid', at, `The code '${code}' has no text as its meaning.`)
    meanings.push({ from, meaning: value.text })
  }
  return ok(meanings)
}
