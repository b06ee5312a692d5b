/** What to do about a breach, in a sentence for whoever writes the document, in English and Chinese. */
export interface Fix {
  readonly en: string
  readonly zh: string
}

/** One breach of a schema, as the thread that validates tells it. */
export interface Finding {
  /** The clause of XML Schema (`cvc-enumeration-valid`) or the keyword of JSON Schema (`minLength`). */
  readonly rule: string
  /** What was found, in the validator's words. */
  readonly detail: string
  readonly fix: Fix
  /**
   * Where: in XML the positions of elements among their siblings, from 0, down from the part's root; in JSON the names and
   * positions of a JSON Pointer. Undefined where the document as a whole is meant.
   */
  readonly steps: readonly (number | string)[]
  /** In XML the same place by the sender's own prefixes, an attribute included: `cac:InvoiceLine[2]/cbc:ID/@schemeID`. */
  readonly path: string
}

/** More breaches of one part by one set than a person reads are cut off. */
export const mostFindings = 50

const mostValue = 80

/** A value as it is shown to people: in one line, cut where it is long. */
export const shownValue = (value: string): string => {
  const line = value.replace(/\s+/g, ' ')
  return line.length <= mostValue ? line : `${line.slice(0, mostValue)}…`
}

const mostNames = 12

/** Names as a list for people, in quotes of each language, the rest of a long one counted. */
export const listed = (names: readonly string[]): Fix => {
  const shown = names.slice(0, mostNames)
  const more = names.length - shown.length
  return {
    en: shown.map((name) => `"${name}"`).join(', ') + (more > 0 ? ` and ${more} more` : ''),
    zh: shown.map((name) => `“${name}”`).join('、') + (more > 0 ? `等${names.length}项` : ''),
  }
}
