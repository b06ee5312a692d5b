/** Gives the line and column (1-based) of places in a text that comes in steps; the places asked for only grow. */
export interface TextPlaces {
  /** `from` up to `to` of this text was gone through. */
  readonly pass: (text: string, from: number, to: number) => void
  readonly here: () => { readonly line: number, readonly column: number }
}

export const makeTextPlaces = (): TextPlaces => {
  let line = 1
  let column = 1
  return {
    pass: (text, from, to) => {
      let lineStart = -1
      for (let end = text.indexOf('\n', from); end !== -1 && end < to; end = text.indexOf('\n', end + 1)) {
        line++
        lineStart = end + 1
      }
      column = lineStart === -1 ? column + to - from : to - lineStart + 1
    },
    here: () => ({ line, column }),
  }
}
