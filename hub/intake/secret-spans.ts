interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Where the values of these elements or members, and of attributes named with an `@`, stand in the text of an XML or JSON document, in their order. It goes
 * by the marks alone, so that a document that cannot be read is covered too: an element, a list or an object that does not end holds all that follows.
 */
export const secretSpans = (text: string, names: readonly string[]): readonly Span[] => {
  const spans = names.flatMap((name) => (name.startsWith('@') ? attributeSpans(text, name.slice(1)) : [...elementSpans(text, name), ...memberSpans(text, name)]))
  const sorted = spans.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start)
  return sorted.filter(({ end }, index) => sorted.slice(0, index).every((other) => other.end < end))
}

const elementSpans = (text: string, name: string): readonly Span[] => {
  const spans: Span[] = []
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    if (!opens(text, at, name)) continue
    const tagEnd = text.indexOf('>', at)
    spans.push(...valueSpans(text.slice(0, tagEnd < 0 ? text.length : tagEnd), at + name.length))
    if (tagEnd >= 0 && text[tagEnd - 1] === '/') continue
    const start = tagEnd < 0 ? at + name.length : tagEnd + 1
    const end = endOfElement(text, start, name)
    spans.push({ start, end })
    at = end
  }
  return spans
}

/** Of the attributes of a secret element every value is a part of it. */
const valueSpans = (text: string, from: number): readonly Span[] => [...text.slice(from).matchAll(/=\s*(?:"([^"]*)"?|'([^']*)'?)/g)].map((match) => {
  const start = from + match.index + match[0].search(/["']/) + 1
  return { start, end: start + (match[1] ?? match[2] ?? '').length }
})

/** Whether a name that stands here is that of a start tag, whatever its prefix. */
const opens = (text: string, at: number, name: string): boolean => {
  if (/[\w.-]/.test(text[at + name.length] ?? ' ')) return false
  const before = /<(?:[\w.-]+:)?$/.exec(text.slice(Math.max(0, at - 100), at))
  return before !== null
}

/** What looks like the end within CDATA or a comment is not it. */
const endOfElement = (text: string, start: number, name: string): number => {
  for (let at = text.indexOf('<', start); at >= 0; at = text.indexOf('<', at + 1)) {
    const skipped = [['<![CDATA[', ']]>'], ['<!--', '-->']].find(([open = '']) => text.startsWith(open, at))
    if (skipped !== undefined) {
      const end = text.indexOf(skipped[1] ?? '', at)
      if (end < 0) return text.length
      at = end
    } else if (new RegExp(`^</(?:[\\w.-]+:)?${name.replaceAll('.', '\\.')}\\s*>`).test(text.slice(at, at + 200 + name.length))) return at
  }
  return text.length
}

const attributeSpans = (text: string, name: string): readonly Span[] =>
  [...text.matchAll(new RegExp(`\\s(?:[\\w.-]+:)?${name.replaceAll('.', '\\.')}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'g'))].map((match) => {
    const end = match.index + match[0].length - 1
    return { start: end - (match[1] ?? match[2] ?? '').length, end }
  })

/** Texts without their quotes, so that what is left is JSON still. */
const memberSpans = (text: string, name: string): readonly Span[] =>
  [...text.matchAll(new RegExp(`"${name.replaceAll('.', '\\.')}"\\s*:\\s*(")?`, 'g'))].map((match) => {
    const start = match.index + match[0].length
    return match[1] === undefined ? { start, end: endOfValue(text, start) } : { start, end: endOfText(text, start) }
  })

const endOfText = (text: string, start: number): number => {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') return at
    if (text[at] === '\\') at++
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
