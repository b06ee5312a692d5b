/**
 * A text without the marks (one UTF-16 code unit) that make data of the character behind them, which stays whatever it is: release characters in segments, the first of two quotes in a
 * quoted cell. In one pass over its units: of 4 million pieces put together each would be a string.
 */
export const withoutMarks = (text: string, mark: number): string => {
  const bytes = Buffer.allocUnsafe(text.length)
  let to = 0
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at)
    if (code === mark && at + 1 < text.length) code = text.charCodeAt(++at)
    if (code > 0xff) return inWideUnits(text, mark)
    bytes[to++] = code
  }
  return bytes.toString('latin1', 0, to)
}

const inWideUnits = (text: string, mark: number): string => {
  const units = new Uint16Array(text.length)
  let to = 0
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at)
    if (code === mark && at + 1 < text.length) code = text.charCodeAt(++at)
    units[to++] = code
  }
  return Buffer.from(units.buffer, 0, to * 2).toString('utf16le')
}
