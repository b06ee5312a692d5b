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
    let says = false
    let beyondAscii = false
    let end = from
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code === 0x0a || code === 0x0d) break
      if (code > 0x7f) beyondAscii = true
      else if (code !== 0x20 && code !== 0x1a && code !== 0x09 && code !== 0x0b && code !== 0x0c) says = true
    }
    if (says || (beyondAscii && /[^\s\u001a]/.test(text.slice(from, end)))) yield { text: text.slice(from, end), line }
    from = text.charCodeAt(end) === 0x0d && text.charCodeAt(end + 1) === 0x0a ? end + 2 : end + 1
    line++
  }
}
