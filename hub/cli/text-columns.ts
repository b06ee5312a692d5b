/** Characters that take two columns of a terminal: the wide and fullwidth ones of Unicode's East Asian Width (UAX 11), as far as they are letters, signs or pictures. */
const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
const none = /^[\p{Mn}\p{Me}\p{Cf}]$/u

const widthOf = (character: string): number => (none.test(character) ? 0 : wide.test(character) ? 2 : 1)

/** How many columns of a terminal a line takes. */
export const columnsOf = (text: string): number => Array.from(text).reduce((sum, character) => sum + widthOf(character), 0)

/** The beginning of a line that takes at most `columns`, with … in the place of what is cut off. */
const clipTo = (text: string, columns: number): string => {
  if (columnsOf(text) <= columns) return text
  let [clipped, taken] = ['', 0]
  for (const character of text) {
    if (taken + widthOf(character) > columns - 1) break
    clipped += character
    taken += widthOf(character)
  }
  return `${clipped}…`
}

const padTo = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - columnsOf(text)))

const foldTo = (line: string, columns: number): readonly string[] => {
  const folded: string[] = []
  let [current, taken] = ['', 0]
  for (const character of line) {
    if (taken + widthOf(character) > columns) {
      folded.push(current)
      ;[current, taken] = ['', 0]
    }
    current += character
    taken += widthOf(character)
  }
  return [...folded, current]
}

interface Titled {
  readonly title: string
  readonly text: string
}

/** Two texts beside one another in a terminal of `width` columns, longer lines folded. */
export const sideBySide = (left: Titled, right: Titled, width: number): readonly string[] => {
  const half = Math.floor((width - 3) / 2)
  const linesOf = ({ title, text }: Titled): readonly string[] => [title, '─'.repeat(half), ...text.replaceAll('\t', '  ').split(/\r?\n/).flatMap((line) => foldTo(line, half))]
  const [lefts, rights] = [linesOf(left), linesOf(right)]
  return Array.from({ length: Math.max(lefts.length, rights.length) }, (_each, at) => `${padTo(lefts[at] ?? '', half)} │ ${rights[at] ?? ''}`.trimEnd())
}

/** Rows under their titles, each column as wide as its widest cell but the last, which is cut to what is left of `width`. */
export const tableOf = (titles: readonly string[], rows: readonly (readonly string[])[], width: number): readonly string[] => {
  const all = [titles, ...rows]
  const widths = titles.map((_title, column) => Math.max(...all.map((row) => columnsOf(row[column] ?? ''))))
  return all.map((row) => {
    const line = row.slice(0, -1).map((cell, column) => padTo(cell, widths[column] ?? 0)).join('  ')
    return `${line}  ${clipTo(row.at(-1) ?? '', Math.max(20, width - columnsOf(line) - 2))}`.trimEnd()
  })
}
