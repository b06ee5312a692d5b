/** A name as documents write it, prefix and all, and what was read next the last time that it stood somewhere. */
export interface WrittenName {
  readonly text: string
  /** What Namespaces in XML makes of it, once that was found to be well-formed. */
  parts: NameParts | undefined
  /** Its first attribute. */
  attribute: WrittenName | undefined
  /** The element that began first inside it. */
  inside: WrittenName | undefined
  /** The element that followed on its end, or the attribute on an attribute. */
  after: WrittenName | undefined
}

interface NameParts {
  /** '' where there is none. */
  readonly prefix: string
  readonly local: string
}

const mostNames = 4096
const mostLength = 80

let names = new Map<string, WrittenName>()

const makeName = (text: string): WrittenName => ({ text, parts: undefined, attribute: undefined, inside: undefined, after: undefined })

/** What stands before the root element. */
export const firstWritten = makeName('')

/**
 * The one record of a name. Documents of one kind say the same things in the same order: a reader that compares with what followed last time neither goes
 * through most names nor looks them up. What is remembered has an end, and no more is lost with it than time. Undefined for a name that is not remembered, being too long.
 */
export const writtenName = (text: string): WrittenName | undefined => {
  const known = names.get(text)
  if (known !== undefined || text.length > mostLength) return known
  // A slice would keep the whole document.
  const kept = Buffer.from(text).toString()
  if (kept !== text) return undefined
  if (names.size === mostNames) {
    names = new Map()
    firstWritten.inside = undefined
  }
  const made = makeName(kept)
  names.set(kept, made)
  return made
}

/** A name that is forgotten with its document. */
export const passingName = makeName
