/** Lines that end in a stretch of text. */
interface LinesIn {
  readonly ends: number
  /** Where the line begins that is open at the end of the stretch; an offset of the whole text. */
  readonly lastStart: number
}

/**
 * Counts the lines that end (LF, CR, CR LF) between two offsets of a text; undefined where none does. A CR at the end of the stretch whose LF stands behind it ends none. For long
 * stretches that were passed over by an expression: their units are looked at in a third of the time that the text's characters take.
 */
export const linesIn = (text: string, from: number, to: number): LinesIn | undefined => {
  const stretch = text.slice(from, to)
  if (!lineEnd.test(stretch)) return undefined
  const units = beyondBytes.test(stretch) ? wideUnits(stretch) : Buffer.from(stretch, 'latin1')
  const { length } = units
  const behind = text.charCodeAt(to)
  let ends = 0
  let last = 0
  for (let at = 0; at < length; at++) {
    const unit = units[at]
    if (unit !== lineFeed && (unit !== carriageReturn || (at + 1 < length ? units[at + 1] : behind) === lineFeed)) continue
    ends++
    last = at + 1
  }
  return ends === 0 ? undefined : { ends, lastStart: from + last }
}

const lineEnd = /[\r\n]/
const beyondBytes = /[^\u0000-\u00ff]/
const lineFeed = 0x0a
const carriageReturn = 0x0d

const wideUnits = (text: string): Uint16Array => {
  const units = new Uint16Array(text.length)
  for (let at = 0; at < text.length; at++) units[at] = text.charCodeAt(at)
  return units
}

/** Where an expression that is sticky, matches something or nothing, and takes its bounded fill stops passing over a text; or some way behind `enough`, where nobody wants to know more. */
export const passedBy = (pass: RegExp, text: string, from: number, enough = Infinity): number => {
  for (let at = from; ; at = pass.lastIndex) {
    pass.lastIndex = at
    if (at > enough || !pass.test(text)) return at
  }
}

/** How often the parts of such an expression may repeat at a time: it remembers each. */
export const passFill = '{1,65536}'
