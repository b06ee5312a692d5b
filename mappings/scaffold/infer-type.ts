/** What a text looks like, and which converter reads it. */
export interface InferredType {
  readonly is: 'token' | 'text' | 'decimal' | 'integer' | 'boolean' | 'date'
  /** Of a date that is not written as ISO 8601 has it. */
  readonly layout?: string
  readonly converter: string
}

/** Dates as samples have them, with the converters that read them. */
const dates: readonly (readonly [RegExp, string | undefined, string])[] = [
  [/^\d{4}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)?$/, undefined, 'date'],
  [/^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/, 'YYYYMMDD', 'date-yyyymmdd'],
  [/^(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.\d{4}$/, 'DD.MM.YYYY', 'date-dd.mm.yyyy'],
  [/^\d{4}\/\d\d\/\d\d$/, 'YYYY/MM/DD', 'date-yyyy/mm/dd'],
]

/** A type that takes every one of these texts. Numbers with leading zeros and long ones are identifiers. */
export const inferType = (texts: readonly string[], wanted?: 'date' | 'number'): InferredType => {
  const all = (pattern: RegExp): boolean => texts.length > 0 && texts.every((text) => pattern.test(text))
  for (const [pattern, layout, converter] of dates) {
    if (all(pattern) && (layout !== 'YYYYMMDD' || wanted === 'date')) return layout === undefined ? { is: 'date', converter } : { is: 'date', layout, converter }
  }
  if (all(/^(?:true|false)$/)) return { is: 'boolean', converter: 'text' }
  if (wanted === 'number' && all(/^-?\d{1,3}(?:\.\d{3})*,\d+$|^-?\d+,\d+$/)) return { is: 'token', converter: 'decimal-comma' }
  if (all(/^-?(?:0|[1-9]\d{0,14})\.\d+$/) || (wanted === 'number' && all(/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/))) return { is: 'decimal', converter: 'decimal' }
  return { is: texts.some((text) => /[\n\t]/.test(text) || text.length > 80) ? 'text' : 'token', converter: 'text' }
}
