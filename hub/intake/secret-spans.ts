interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Where the values of these elements or members, of attributes named with an `@`, and lines of records that begin with what a `^` names, stand in the text of a document, in their order. It goes
 * by the marks alone, so that a document that cannot be read is covered too: an element, a list or an object that does not end holds all that follows.
 * Each character is looked at a few times, whatever stands there. Of one name no more are sought once there are more than `most`.
 */
export const secretSpans = (text: string, names: readonly string[], most = Infinity): readonly Span[] => {
  const spans = names.flatMap((name) => (name.startsWith('^') ? lineSpans(text, name.slice(1), most) : name.startsWith('@') ? attributeSpans(text, name.slice(1), most) : [...elementSpans(text, name, most), ...memberSpans(text, name, most)]))
  let covered = -1
  return spans.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start).filter(({ end }) => {
    if (end <= covered) return false
    covered = end
    return true
  })
}

/** Of a record all that stands behind its name. */
const lineSpans = (text: string, name: string, most: number): readonly Span[] => {
  const spans: Span[] = []
  for (let at = text.indexOf(name); at >= 0 && spans.length <= most; at = text.indexOf(name, at + name.length)) {
    if (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') continue
    let end = at + name.length
    while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++
    spans.push({ start: at + name.length, end })
  }
  return spans
}

const elementSpans = (text: string, name: string, most: number): readonly Span[] => {
  const spans: Span[] = []
  const endTag = new RegExp(`</(?:[\\w.-]+:)?${escaped(name)}\\s*>`, 'y')
  for (let at = text.indexOf(name); at >= 0 && spans.length <= most; at = text.indexOf(name, at)) {
    const nameEnd = at + name.length
    if (!follows(text, at, '<') || isNameCharacter(text.charCodeAt(nameEnd))) {
      at = nameEnd
      continue
    }
    const tagEnd = text.indexOf('>', nameEnd)
    if (tagEnd >= 0) spans.push(...valueSpans(text.slice(nameEnd, tagEnd), nameEnd))
    at = tagEnd < 0 ? nameEnd : tagEnd + 1
    if (text[tagEnd - 1] === '/' && !hasOpenQuote(text, nameEnd, tagEnd)) continue
    const end = endOfElement(text, at, endTag)
    spans.push({ start: at, end })
    at = end
  }
  return spans
}

/** Of the attributes of a secret element every value is a part of it. `tag` stands at `from`. */
const valueSpans = (tag: string, from: number): readonly Span[] => [...tag.matchAll(/=\s*(["'])/g)].map(({ index, 0: found, 1: quote = '' }) => {
  const start = index + found.length
  const end = tag.indexOf(quote, start)
  return { start: from + start, end: from + (end < 0 ? tag.length : end) }
})

const escaped = (name: string): string => name.replaceAll('.', '\\.')

const isNameCharacter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d || code === 0x2e

const longestPrefix = 100

/** Whether a name that stands here follows a `<`, or for an attribute white space, whatever its prefix. */
const follows = (text: string, at: number, mark: '<' | ' '): boolean => {
  let before = at - 1
  if (text[before] === ':') {
    const least = Math.max(before - longestPrefix, 0)
    for (before -= 1; before > least && isNameCharacter(text.charCodeAt(before));) before--
  }
  const found = text[before] ?? ''
  return mark === '<' ? found === '<' : found !== '' && /\s/.test(found)
}

/** Whether what stands at `to` is within a value that begins behind `from`: the `/>` there may end no tag. */
const hasOpenQuote = (text: string, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) {
    const found = text[at]
    if (found !== '"' && found !== "'") continue
    at = text.indexOf(found, at + 1)
    if (at < 0 || at > to) return true
  }
  return false
}

const skipped = [['<![CDATA[', ']]>'], ['<!--', '-->']] as const

/** What looks like the end within CDATA or a comment is not it. */
const endOfElement = (text: string, start: number, endTag: RegExp): number => {
  for (let at = text.indexOf('<', start); at >= 0; at = text.indexOf('<', at + 1)) {
    const next = text[at + 1]
    if (next === '!') {
      const section = skipped.find(([open]) => text.startsWith(open, at))
      if (section === undefined) continue
      at = text.indexOf(section[1], at)
      if (at < 0) return text.length
    } else if (next === '/') {
      endTag.lastIndex = at
      if (endTag.test(text)) return at
    }
  }
  return text.length
}

const attributeSpans = (text: string, name: string, most: number): readonly Span[] => {
  const spans: Span[] = []
  const value = /\s*=\s*(?:"([^"]*)"|'([^']*)')/y
  for (let at = text.indexOf(name); at >= 0 && spans.length <= most; at = text.indexOf(name, at + name.length)) {
    if (!follows(text, at, ' ')) continue
    value.lastIndex = at + name.length
    const match = value.exec(text)
    if (match === null) continue
    const end = value.lastIndex - 1
    spans.push({ start: end - (match[1] ?? match[2] ?? '').length, end })
  }
  return spans
}

/** Texts without their quotes, so that what is left is JSON still. */
const memberSpans = (text: string, name: string, most: number): readonly Span[] => {
  const spans: Span[] = []
  const quoted = `"${name}"`
  for (let at = text.indexOf(quoted); at >= 0 && spans.length <= most; at = text.indexOf(quoted, at)) {
    at += quoted.length
    const colon = afterSpace(text, at)
    if (text[colon] !== ':') continue
    const value = afterSpace(text, colon + 1)
    const start = text[value] === '"' ? value + 1 : value
    at = start > value ? endOfText(text, start) : endOfValue(text, start)
    spans.push({ start, end: at })
  }
  return spans
}

const afterSpace = (text: string, from: number): number => {
  let at = from
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++
  return at
}

const endOfText = (text: string, start: number): number => {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at++
  }
  return text.length
}

/** Of a number or a word, or of all that stands within brackets. */
const endOfValue = (text: string, start: number): number => {
  let open = 0
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"') at = endOfText(text, at + 1)
    else if (character === '{' || character === '[') open++
    else if (open === 0 && /[,}\]\s]/.test(character)) return at
    else if ((character === '}' || character === ']') && --open === 0) return at + 1
  }
  return text.length
}
