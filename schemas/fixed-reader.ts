/** A line of a text with its number, from 1, without what ends it. */
export interface TextLine {
  readonly text: string
  readonly line: number
}

/** The lines of a text, of which `firstLine` is the number of the first, whatever ends them, those without anything but blanks left out. The end-of-file mark of old systems is none. */
export const textLines = function* (text: string, firstLine = 1): Generator<TextLine> {
  let line = firstLine
  let from = text.startsWith('\ufeff') ? 1 : 0
  while (from < text.length) {
    let end = from
    while (end < text.length && text.charCodeAt(end) !== 0x0a && text.charCodeAt(end) !== 0x0d) end++
    const one = text.slice(from, end)
    if (/[^\s\u001a]/.test(one)) yield { text: one, line }
    from = text.charCodeAt(end) === 0x0d && text.charCodeAt(end + 1) === 0x0a ? end + 2 : end + 1
    line++
  }
}
