import { linesIn, passedBy } from './lines-in.js'
import { mostNodes, tooManyNodes, type Node, type NodeCount, type NodeKind } from './node.js'
import { fail, ok, type Failure, type Result } from './result.js'

/** What one document may have at most; lengths are in UTF-16 code units. */
interface JsonLimits {
  readonly depth: number
  /** Objects, arrays and values together. */
  readonly nodes: number
  /** Of one object. */
  readonly members: number
  readonly nameLength: number
  readonly textLength: number
}

const defaultLimits: JsonLimits = { depth: 200, members: 20_000, nameLength: 1024, nodes: mostNodes, textLength: 256 * 1024 * 1024 }

/**
 * Reads an RFC 8259 text (a leading byte order mark is passed over) into a tree whose root is named ''. A number keeps the
 * digits that were sent, a boolean's text is true or false, a null's is ''. A member name that stands twice in one object
 * is refused; half a surrogate pair written as an escape is kept as it is. Fails with json-not-well-formed or
 * limit-exceeded, each at line and column. Texts that share a `count` share the limit of nodes. `place` is where the first
 * character of a text stands that was cut out of a larger one.
 */
export const readJson = (text: string, limits: Partial<JsonLimits> = {}, count: NodeCount = { nodes: 0 }, place = { line: 1, column: 1 }): Result<Node> => {
  const most = { ...defaultLimits, ...(count.most === undefined ? {} : { nodes: count.most }), ...limits }
  if (text.length > most.textLength) return fail('limit-exceeded', '1:1', `The document is longer than ${most.textLength} characters.`)
  const start = text.startsWith('\ufeff') ? 1 : 0
  const cursor: Cursor = { text, limits: most, at: start, line: place.line, lineStart: start + 1 - place.column, depth: 0, count, failure: undefined }
  const surplus = surplusValue(text, most.nodes)
  if (surplus !== undefined) return fail('limit-exceeded', placeOf(cursor, surplus), tooManyValues(most.nodes))
  skipSpace(cursor)
  const root = readValue(cursor, '', false)
  if (root !== null) {
    skipSpace(cursor)
    if (cursor.at < text.length) refuse(cursor, `Expected the end of the text, found ${here(cursor)}.`)
  }
  if (cursor.failure !== undefined) return cursor.failure
  if (root === null) throw new Error('a value was neither read nor refused')
  return ok(root)
}

interface Cursor {
  readonly text: string
  readonly limits: JsonLimits
  at: number
  line: number
  lineStart: number
  depth: number
  readonly count: NodeCount
  failure: Failure | undefined
}

const none: readonly never[] = []

const tooManyValues = (most: number): string => tooManyNodes(most, 'values')

/** Where the comma before a value stands that is one too many: seen before a tree is built that would be thrown away. */
const surplusValue = (text: string, most: number): number | undefined => {
  // A value and its comma are two characters.
  if (text.length <= most * 2 || !hasCommas(text, most)) return undefined
  let commas = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x2c && ++commas >= most) return at
    if (code === 0x22) at = endOfString(text, at)
  }
  return undefined
}

/** Whether there are so many anywhere, in strings too. */
const hasCommas = (text: string, many: number): boolean => {
  let commas = 0
  for (let at = text.indexOf(','); at !== -1; at = text.indexOf(',', at + 1)) if (++commas >= many) return true
  return false
}

/** Where the quote stands that ends the string begun at `start`; the end of the text where none does. */
const endOfString = (text: string, start: number): number => {
  const { length } = text
  for (let at = start + 1; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at++
  }
  return length
}

/** Line and column of an offset, in the text as it stands around the cursor's. */
const placeOf = ({ text, line, lineStart }: Cursor, offset: number): string => {
  let lines = line
  let start = lineStart
  for (const { index, 0: end } of text.slice(0, offset).matchAll(/\r\n?|\n/g)) {
    lines += 1
    start = index + end.length
  }
  return `${lines}:${offset - start + 1}`
}

/** Notes the failure and returns null, which every reading function hands up to stop. */
const refuse = (cursor: Cursor, detail: string, code: 'json-not-well-formed' | 'limit-exceeded' = 'json-not-well-formed'): null => {
  cursor.failure = fail(code, `${cursor.line}:${cursor.at - cursor.lineStart + 1}`, detail)
  return null
}

const here = (cursor: Cursor): string => {
  const code = cursor.text.codePointAt(cursor.at)
  return code === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(code))
}

const skipSpace = (cursor: Cursor): void => {
  const { text } = cursor
  let { at, line, lineStart } = cursor
  for (let near = at + shortSpace; ; at++) {
    if (at >= near) {
      const end = passedBy(space, text, at)
      const lines = linesIn(text, at, end)
      if (lines !== undefined) {
        line += lines.ends
        lineStart = lines.lastStart
      }
      at = end
      near = Infinity
    }
    const code = text.charCodeAt(at)
    if (code === 0x20 || code === 0x09) continue
    if (code !== 0x0a && code !== 0x0d) break
    if (code === 0x0d && text.charCodeAt(at + 1) === 0x0a) at++
    line++
    lineStart = at + 1
  }
  cursor.at = at
  cursor.line = line
  cursor.lineStart = lineStart
}

/** Longer space is passed over by an expression, a third of the time for each character. */
const shortSpace = 64
const space = /[ \t\r\n]+/y

const readValue = (cursor: Cursor, name: string, listed: boolean): Node | null => {
  if (++cursor.count.nodes > cursor.limits.nodes) return refuse(cursor, tooManyValues(cursor.limits.nodes), 'limit-exceeded')
  const { line } = cursor
  const column = cursor.at - cursor.lineStart + 1
  let kind: NodeKind
  let text: string | null = ''
  let children: Node[] | null = null
  switch (cursor.text.charCodeAt(cursor.at)) {
    case 0x7b: kind = 'object'; children = readMembers(cursor); break
    case 0x5b: kind = 'array'; children = []; if (!readElements(cursor, '', children)) return null; break
    case 0x22: kind = 'string'; text = readString(cursor); break
    case 0x74: kind = 'boolean'; text = readWord(cursor, 'true'); break
    case 0x66: kind = 'boolean'; text = readWord(cursor, 'false'); break
    case 0x6e: kind = 'null'; text = readWord(cursor, 'null') === null ? null : ''; break
    default: kind = 'number'; text = readNumber(cursor)
  }
  if (text === null || (children === null && kind === 'object')) return null
  if (listed) return { name, namespace: '', attributes: none, children: children ?? none, text, kind, listed, line, column }
  return { name, namespace: '', attributes: none, children: children ?? none, text, kind, line, column }
}

/** Steps into an object or array and past the space that follows; false where the text is nested too deep. */
const enter = (cursor: Cursor): boolean => {
  if (++cursor.depth > cursor.limits.depth) {
    refuse(cursor, `Values are nested more than ${cursor.limits.depth} levels deep.`, 'limit-exceeded')
    return false
  }
  cursor.at++
  skipSpace(cursor)
  return true
}

/** Whether another member or element follows, past its comma and space; null where neither comma nor end is found. */
const another = (cursor: Cursor, end: ']' | '}'): boolean | null => {
  skipSpace(cursor)
  const found = cursor.text[cursor.at]
  if (found === ',') {
    cursor.at++
    skipSpace(cursor)
    return true
  }
  if (found !== end) return refuse(cursor, `Expected a comma or ${end}, found ${here(cursor)}.`)
  cursor.at++
  cursor.depth--
  return false
}

/** Reads an array's elements, each into one more listed node of this name. */
const readElements = (cursor: Cursor, name: string, into: Node[]): boolean => {
  if (!enter(cursor)) return false
  if (cursor.text[cursor.at] === ']') return another(cursor, ']') === false
  for (;;) {
    const element = readValue(cursor, name, true)
    if (element === null) return false
    into.push(element)
    const more = another(cursor, ']')
    if (more !== true) return more === false
  }
}

const readMembers = (cursor: Cursor): Node[] | null => {
  const members: Node[] = []
  if (!enter(cursor)) return null
  if (cursor.text[cursor.at] === '}') return another(cursor, '}') === false ? members : null
  const names = new Set<string>()
  for (;;) {
    const name = readMemberName(cursor, names)
    if (name === null || !readMember(cursor, name, members)) return null
    const more = another(cursor, '}')
    if (more !== true) return more === false ? members : null
  }
}

const readMemberName = (cursor: Cursor, names: Set<string>): string | null => {
  if (cursor.text[cursor.at] !== '"') return refuse(cursor, `Expected a member name in quotes, found ${here(cursor)}.`)
  const { at } = cursor
  const name = readString(cursor)
  if (name === null) return null
  if (name.length > cursor.limits.nameLength) {
    cursor.at = at
    return refuse(cursor, `A member name is longer than ${cursor.limits.nameLength} characters.`, 'limit-exceeded')
  }
  if (names.size === names.add(name).size) {
    cursor.at = at
    return refuse(cursor, `The member ${JSON.stringify(name.slice(0, 100))} stands twice in one object.`)
  }
  if (names.size > cursor.limits.members) return refuse(cursor, `An object has more than ${cursor.limits.members} members; write a list.`, 'limit-exceeded')
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== ':') return refuse(cursor, `Expected a colon after a member name, found ${here(cursor)}.`)
  cursor.at++
  skipSpace(cursor)
  return name
}

const readMember = (cursor: Cursor, name: string, into: Node[]): boolean => {
  if (cursor.text[cursor.at] !== '[') {
    const node = readValue(cursor, name, false)
    if (node !== null) into.push(node)
    return node !== null
  }
  const { line } = cursor
  const column = cursor.at - cursor.lineStart + 1
  const before = into.length
  if (!readElements(cursor, name, into)) return false
  if (into.length === before) into.push({ name, namespace: '', attributes: none, children: none, text: '', kind: 'array', line, column })
  return true
}

const readWord = (cursor: Cursor, word: 'true' | 'false' | 'null'): string | null => {
  if (!cursor.text.startsWith(word, cursor.at)) return refuse(cursor, `Expected ${word}, found another word.`)
  cursor.at += word.length
  return word
}

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y

const readNumber = (cursor: Cursor): string | null => {
  number.lastIndex = cursor.at
  const text = number.exec(cursor.text)?.[0]
  if (text === undefined) return refuse(cursor, `Expected a value, found ${here(cursor)}.`)
  cursor.at += text.length
  return text
}

const readString = (cursor: Cursor): string | null => {
  const { text, at: start } = cursor
  let at = start + 1
  for (const near = at + shortString; ; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      cursor.at = at + 1
      return text.slice(start + 1, at)
    }
    if (code === 0x5c) return readEscaped(cursor)
    if (!(code >= 0x20)) return refuseString(cursor)
    if (at < near) continue
    special.lastIndex = at
    at = (special.exec(text)?.index ?? text.length) - 1
  }
}

/** In a longer string what is no plain character is sought by an expression, a third of the time for each character. */
const shortString = 64
// eslint reads the control characters as a slip of the pen in a literal.
const special = new RegExp('["\\\\\\0-\\x1f]', 'g')

/** A string with escapes, at its first quote: V8's own reader knows the same ones and takes a quarter of the time. */
const readEscaped = (cursor: Cursor): string | null => {
  const { text, at } = cursor
  const end = endOfString(text, at)
  try {
    const value: unknown = JSON.parse(text.slice(at, end + 1))
    cursor.at = end + 1
    if (typeof value === 'string') return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return refuseString(cursor)
}

const badEscape = /\\(?!["\\/bfnrt]|u[0-9A-Fa-f]{4})/

/** Says why the string at the cursor is none, where that is seen first. */
const refuseString = (cursor: Cursor): null => {
  const { text, at: start } = cursor
  special.lastIndex = start + 1
  for (let at = special.exec(text)?.index ?? text.length; at < text.length; at++) {
    const code = text.charCodeAt(at)
    cursor.at = at
    if (code < 0x20) return refuse(cursor, 'A control character stands in a string; write it as an escape.')
    if (code !== 0x5c) continue
    if (badEscape.test(text.slice(at, at + 6))) return refuse(cursor, 'A backslash in a string is followed by no known escape.')
    at++
  }
  cursor.at = text.length
  return refuse(cursor, 'A string does not end.')
}
