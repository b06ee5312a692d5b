import { fail, ok, type Result } from './result.js'

/** The characters that a text of segments is divided by; '' where there is none. */
export interface SegmentSeparators {
  /** Ends a segment. */
  readonly segment: string
  readonly element: string
  readonly component: string
  /** Between repetitions of one element. */
  readonly repetition: string
  /** Takes its meaning from the character behind it. */
  readonly release: string
  /** What may stand before the decimals of a number; where it is the comma, a point may too. */
  readonly point: '.' | ','
}

/** The two standards whose interchanges are read: ISO 9735 and ASC X12. */
export type SegmentFamily = 'edifact' | 'x12'

/** How an interchange begins: what divides it, and where its first segment begins. */
export interface InterchangeStart {
  readonly family: SegmentFamily
  readonly separators: SegmentSeparators
  /** In UTF-16 code units, of UNB or ISA. */
  readonly at: number
}

/** ISO 9735's, level A; of syntax version 4 with a repetition separator. */
export const edifactSeparators: SegmentSeparators = { segment: "'", element: '+', component: ':', repetition: '', release: '?', point: '.' }

/** Those that most X12 partners use. */
export const x12Separators: SegmentSeparators = { segment: '~', element: '*', component: '>', repetition: '^', release: '', point: '.' }

/** Whether a text begins as an interchange does; a byte order mark and white space may stand before. */
export const isInterchange = (text: string): boolean => /^\ufeff?\s{0,100}(?:UNA.{6}\s{0,10}UNB[^A-Za-z0-9]|UNB[^A-Za-z0-9]|UNA|ISA[^A-Za-z0-9])/s.test(text.slice(0, 300))

/** What an interchange begins with, its first segment included, is shorter than that. */
export const longestStart = 4096

/** Reads how the interchange at an offset begins: EDIFACT's service string advice UNA, or ISA's fixed positions. Fails with segments-not-well-formed; `placeOf` gives the line and column of an offset. */
export const interchangeStart = (text: string, at: number, placeOf: (offset: number) => string): Result<InterchangeStart> => {
  const head = text.slice(at, at + 3)
  const refuse = (offset: number, detail: string): Result<InterchangeStart> => fail('segments-not-well-formed', placeOf(offset), detail)
  if (head === 'ISA') return startOfX12(text, at, refuse)
  if (head === 'UNB') return withVersion(text, at, edifactSeparators, '*')
  if (head !== 'UNA') return refuse(at, `${JSON.stringify(text.slice(at, at + 12))} stands where an interchange begins; it begins with UNA, UNB or ISA.`)
  const [component = '', element = '', point = '', release = '', repetition = '', segment = ''] = text.slice(at + 3, at + 9)
  const begin = at + 9 + (/^\s*/.exec(text.slice(at + 9, at + 20))?.[0].length ?? 0)
  if (text.slice(begin, begin + 3) !== 'UNB') return refuse(begin, 'UNA has six characters, and UNB stands behind it.')
  const separators: SegmentSeparators = { segment, element, component, repetition: '', release: release === ' ' ? '' : release, point: point === ',' ? ',' : '.' }
  const wrong = problemOf(separators)
  return wrong === undefined ? withVersion(text, begin, separators, repetition === ' ' ? '' : repetition) : refuse(at + 3, `${JSON.stringify(text.slice(at, at + 9))} does not say what separates: ${wrong}.`)
}

/** Only from syntax version 4 on do elements repeat; before, the character is reserved, and data may hold it. From then on either decimal mark may stand (ISO 9735-1:2002, section 11). */
const withVersion = (text: string, at: number, separators: SegmentSeparators, repetition: string): Result<InterchangeStart> => {
  const [, version = ''] = text.slice(at + 4, at + 30).split(separators.element)[0]?.split(separators.component) ?? []
  const repeats = Number(version.slice(0, 1)) >= 4
  return ok({ family: 'edifact', at, separators: { ...separators, point: repeats ? ',' : separators.point, repetition: repeats && problemOf({ ...separators, repetition }) === undefined ? repetition : '' } })
}

const elementsOfIsa = 16
/** ISA01 to ISA16 with their separators, where every element has the length that it must have. */
const lengthOfIsa = 106

/** The element separator stands behind ISA, the component separator is ISA16, the end of a segment the character behind it: at 104 and 105, or wherever they are where a sender left padding out. */
const startOfX12 = (text: string, at: number, refuse: (offset: number, detail: string) => Result<InterchangeStart>): Result<InterchangeStart> => {
  const element = text.charAt(at + 3)
  let last = at + 3
  for (let count = 1; count < elementsOfIsa && last !== -1; count++) last = text.indexOf(element, last + 1)
  if (last === -1 || last - at > 2 * lengthOfIsa) return refuse(at, `The ISA does not have its 16 elements, divided by ${JSON.stringify(element)}.`)
  const elements = text.slice(at + 4, last).split(element)
  const [component = '', segment = ''] = text.slice(last + 1, last + 3)
  const said = elements[10]?.trim() ?? ''
  // Before 00402 the eleventh element is a standard's letter (U).
  const repetition = said.length === 1 && !/[A-Za-z0-9]/.test(said) && said !== component && said !== element ? said : ''
  const separators: SegmentSeparators = { segment, element, component, repetition, release: '', point: '.' }
  const wrong = problemOf(separators)
  return wrong === undefined ? ok({ family: 'x12', separators, at }) : refuse(at, `The ISA does not say what separates: ${wrong}.`)
}

/** Why these cannot divide a text, as the end of a sentence. */
export const problemOf = ({ segment, element, component, repetition, release }: SegmentSeparators): string | undefined => {
  if (segment === '' || element === '' || component === '') return 'one is missing'
  const used = [segment, element, component, repetition, release].filter((one) => one !== '')
  const wrong = used.find((one) => /[\p{L}\p{N} \ud800-\udfff\ufeff]/u.test(one))
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is no separator`
  if (/\s/.test(element + component + repetition + release)) return 'white space is no separator within a segment'
  return new Set(used).size === used.length ? undefined : 'one character would have two meanings'
}
