import { fail, ok, type Result } from '../../../schemas/result.js'
import { entryOf, textOf, textsOf, type Located } from '../located-yaml.js'
import { valueKinds, type Member, type ValueType } from './description.js'
import { linearPattern } from './linear-pattern.js'

/** Reads `{ is: code, max: 3, codes: […] }`. Fails with mapping-invalid at file and line. */
export const parseValueType = (located: Located, parseAttributes: (located: Located | undefined) => Result<readonly Member[]>): Result<ValueType> => {
  const { at } = located
  const is = valueKinds.find((kind) => kind === textOf(located, 'is'))
  if (is === undefined) return fail('mapping-invalid', at, `\`is\` is one of ${valueKinds.join(', ')}.`)
  const unknown = located.kind === 'map' ? located.entries.find(({ key }) => !words.includes(key)) : undefined
  if (unknown !== undefined) return fail('mapping-invalid', unknown.at, `A type has no '${unknown.key}'; it has ${words.join(', ')}.`)
  const wrong = (['min', 'max', 'decimals'] as const).find((word) => textOf(located, word) !== undefined && !/^\d{1,7}$/.test(textOf(located, word) ?? ''))
  if (wrong !== undefined) return fail('mapping-invalid', at, `\`${wrong}\` is a whole number.`)
  const pattern = textOf(located, 'pattern')
  const problem = pattern === undefined ? undefined : linearPattern(pattern)
  if (problem?.ok === false) return fail('mapping-invalid', at, problem.detail)
  if (textOf(located, 'secret') === 'yes' && textOf(located, 'example') !== undefined) return fail('mapping-invalid', at, 'A secret has no `example`: samples hold stars.')
  const codes = entryOf(located, 'codes')
  if (codes !== undefined && ![undefined, 'pass'].includes(textOf(codes, otherwise))) return fail('mapping-invalid', codes.at, '`otherwise` of codes is `pass`: other ones may stand.')
  const empty = entryOf(located, 'empty')
  const attributes = parseAttributes(entryOf(located, 'attributes'))
  if (!attributes.ok) return attributes
  return ok({
    form: 'value', at, is, pattern, min: numberAt(located, 'min'), max: numberAt(located, 'max'), decimals: numberAt(located, 'decimals'), layout: textOf(located, 'form'),
    codes: codesOf(entryOf(located, 'codes')), otherCodes: codes !== undefined && textOf(codes, otherwise) !== undefined, empty: empty === undefined ? undefined : new Set(textsOf(empty)),
    trailingSign: textOf(located, 'sign') === 'trailing', point: textOf(located, 'point') === ',' ? ',' : '.', attributes: attributes.value, secret: textOf(located, 'secret') === 'yes', example: textOf(located, 'example'),
  })
}

const words: readonly string[] = ['is', 'min', 'max', 'decimals', 'pattern', 'form', 'codes', 'attributes', 'secret', 'empty', 'point', 'pad', 'sign', 'example']

/** Among codes: what becomes of those that are not there. */
const otherwise = 'otherwise'

const numberAt = (located: Located, word: string): number | undefined => {
  const text = textOf(located, word)
  return text === undefined ? undefined : Number(text)
}

const codesOf = (located: Located | undefined): ReadonlyMap<string, string> | undefined => {
  if (located === undefined) return undefined
  if (located.kind !== 'map') return new Map(textsOf(located).map((code) => [code, '']))
  return new Map(located.entries.filter(({ key }) => key !== otherwise).map(({ key, value }) => [key, value.kind === 'text' ? value.text ?? '' : '']))
}
