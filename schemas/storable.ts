interface Unstorable {
  /** In UTF-16 code units from the start of the text. */
  readonly offset: number
  readonly reason: 'the character U+0000' | 'a lone surrogate'
}

const suspect = /[\0\ud800-\udfff]/
const unstorable = /\0|\p{Surrogate}/u

/** Finds the first character that PostgreSQL keeps in no text: U+0000 or half of a surrogate pair. */
export const findUnstorable = (text: string): Unstorable | undefined => {
  // The first expression is many times as fast and answers for almost every text.
  if (!suspect.test(text)) return undefined
  const offset = text.search(unstorable)
  if (offset === -1) return undefined
  return { offset, reason: text[offset] === '\0' ? 'the character U+0000' : 'a lone surrogate' }
}

/** The text with U+FFFD for each character that no database keeps, so that a reason that quotes a bad value can itself be kept. */
export const storableText = (text: string): string => (findUnstorable(text) === undefined ? text : text.replace(/\0|\p{Surrogate}/gu, '\ufffd'))

/** At most so many UTF-16 code units of a text from its beginning on, as a database keeps them: no half of a pair is left where it is cut. */
export const cutText = (text: string, most: number): string => storableText(text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, ''))
