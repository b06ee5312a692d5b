/** `text.trim()`, which looks at both ends alone where there is nothing to trim, as is usual. */
export const trimmed = (text: string): string => {
  const { length } = text
  return length === 0 || (isInk(text.charCodeAt(0)) && isInk(text.charCodeAt(length - 1))) ? text : text.trim()
}

/** Surely no white space; beyond ASCII some is. */
const isInk = (code: number): boolean => code > 0x20 && code < 0x80
