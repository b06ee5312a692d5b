import { ok, fail, type Failure, type Result } from './result.js'
import { xmlNamespace } from './xml-names.js'
import { withLineFeeds } from './line-feeds.js'
import { scanXml, type WrittenAttribute } from './xml-scanner.js'

/** An element of a text that readXml read, by the place of its start tag (1-based), and how it is to be written. */
export interface CanonicalTarget {
  readonly line: number
  readonly column: number
  /** Prefixes that are handled as Canonical XML handles all (InclusiveNamespaces); `#default` is the default namespace. */
  readonly inclusivePrefixes: readonly string[]
}

/**
 * The elements in Exclusive XML Canonicalization 1.0 without comments (W3C, 18 July 2002), in the order of the targets, in one
 * pass over the text. The text is one that readXml took and that holds no processing instruction. Fails with limit-exceeded
 * when the namespaces that each element has to repeat make the result more than 16 times as long as the text.
 */
export const canonicalise = (text: string, targets: readonly CanonicalTarget[]): Result<readonly string[]> => {
  const normal = text.includes('\r') ? withLineFeeds(text) : text
  const offsets = offsetsOf(normal, targets)
  const all = targets.map((target) => makeCanonicalWriter(target.inclusivePrefixes, { left: most(normal) }))
  const scope = makeScope()
  let active: readonly CanonicalWriter[] = []
  let failure: Failure | undefined
  let depth = 0
  try {
    scanXml(normal, Infinity, {
      start: (name, written, offset) => {
        depth++
        const starting = all.filter((_writer, index) => offsets[index] === offset)
        if (starting.length > 0) active = [...active, ...starting]
        const attributes = enterScope(scope, written, depth)
        for (const writer of active) writer.start(name, attributes, scope.get, attributes !== written)
      },
      end: () => {
        for (const writer of active) writer.end()
        if (active.some((writer) => writer.isDone())) active = active.filter((writer) => !writer.isDone())
        scope.leave(depth--)
      },
      text: (piece) => { for (const writer of active) writer.text(piece) },
      refuse: (code, offset, detail) => {
        failure = fail(code, String(offset), detail)
        throw new Error(detail)
      },
    })
  } catch (error) {
    if (failure === undefined && !(error instanceof RangeError && error.message === tooLong)) throw error
    return failure ?? fail('limit-exceeded', 'Envelope', 'The canonical form of what is signed is too long; declare namespaces nearer to the root of what is signed.')
  }
  if (!all.every((writer) => writer.isDone())) throw new Error('a target is no element of the text')
  return ok(all.map((writer) => writer.written()))
}

const most = (text: string): number => text.length * 16 + 65_536
const tooLong = 'the canonical form is too long'

/** Where the start tags of the targets stand, in UTF-16 code units. */
const offsetsOf = (text: string, targets: readonly CanonicalTarget[]): readonly number[] => {
  const lastLine = Math.max(...targets.map(({ line }) => line))
  const lineStarts = [0]
  while (lineStarts.length < lastLine) lineStarts.push(text.indexOf('\n', lineStarts.at(-1)) + 1)
  return targets.map(({ line, column }) => (lineStarts[line - 1] ?? 0) + column - 1)
}

type Scope = ReturnType<typeof makeScope>

/** The URIs that prefixes stand for; '' is the default namespace. What an element hides is put back when it ends, so that no step costs more than it changes. */
const makeScope = () => {
  const uris = new Map<string, string>()
  const shadowed: { readonly prefix: string, readonly uri: string, readonly depth: number }[] = []
  return {
    get: (prefix: string): string => uris.get(prefix) ?? '',
    set: (prefix: string, uri: string, depth: number): void => {
      shadowed.push({ prefix, uri: uris.get(prefix) ?? '', depth })
      uris.set(prefix, uri)
    },
    leave: (depth: number): void => {
      for (let last = shadowed.at(-1); last?.depth === depth; last = shadowed.at(-1)) {
        uris.set(last.prefix, last.uri)
        shadowed.pop()
      }
    },
  }
}

/** Enters an element's namespace declarations into the scope and gives its other attributes. */
const enterScope = (scope: Scope, written: readonly WrittenAttribute[], depth: number): readonly WrittenAttribute[] => {
  if (!written.some(({ name }) => name.startsWith('xmlns'))) return written
  return written.filter(({ name, value }) => {
    const prefix = name === 'xmlns' ? '' : name.startsWith('xmlns:') ? name.slice(6) : undefined
    if (prefix !== undefined) scope.set(prefix, value, depth)
    return prefix === undefined
  })
}

type CanonicalWriter = ReturnType<typeof makeCanonicalWriter>

const makeCanonicalWriter = (inclusivePrefixes: readonly string[], budget: { left: number }) => {
  const inclusive = inclusivePrefixes.map((prefix) => (prefix === '#default' ? '' : prefix))
  const open: string[] = []
  const pieces: string[] = []
  const rendered = makeScope()
  let isBegun = false
  const write = (piece: string): void => {
    budget.left -= piece.length
    if (budget.left < 0) throw new RangeError(tooLong)
    pieces.push(piece)
  }
  return {
    start: (name: string, attributes: readonly WrittenAttribute[], uriOf: (prefix: string) => string, declares: boolean): void => {
      // What the prefixes stand for was written around an element that declares nothing.
      const isFirst = !isBegun
      isBegun = true
      open.push(name)
      write(`<${name}`)
      const declared: string[] = []
      const declare = (prefix: string): void => {
        const uri = uriOf(prefix)
        if (prefix === 'xml' || rendered.get(prefix) === uri) return
        rendered.set(prefix, uri, open.length)
        declared.push(prefix)
      }
      declare(prefixOf(name))
      for (const { name: own } of attributes) if (own.includes(':')) declare(prefixOf(own))
      if (isFirst || declares) inclusive.forEach(declare)
      for (const prefix of inOrder(declared, (one) => one)) write(` xmlns${prefix === '' ? '' : ':'}${prefix}="${escapeAttribute(uriOf(prefix))}"`)
      for (const { name: own, value } of sorted(attributes, uriOf)) write(` ${own}="${escapeAttribute(value)}"`)
      write('>')
    },
    end: (): void => {
      write(`</${open.at(-1) ?? ''}>`)
      rendered.leave(open.length)
      open.pop()
    },
    text: (text: string): void => { write(escapeText(text)) },
    isDone: (): boolean => isBegun && open.length === 0,
    written: (): string => pieces.join(''),
  }
}

const prefixOf = (name: string): string => name.slice(0, Math.max(name.indexOf(':'), 0))



/** By namespace, then by local name; attributes without a namespace come first (Canonical XML 1.0, section 2.2). */
const sorted = (attributes: readonly WrittenAttribute[], uriOf: (prefix: string) => string): readonly WrittenAttribute[] => {
  if (attributes.length < 2) return attributes
  return inOrder(attributes, ({ name }) => {
    const prefix = prefixOf(name)
    const uri = prefix === '' ? '' : prefix === 'xml' ? xmlNamespace : uriOf(prefix)
    return `${uri}\0${prefix === '' ? name : name.slice(prefix.length + 1)}`
  })
}

/** By code points, as UTF-8 sorts; UTF-16 would put U+10000 before U+E000. */
const inOrder = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => {
  if (items.length < 2) return items
  return items.map((item) => ({ item, key: Buffer.from(keyOf(item), 'utf8') })).sort((a, b) => Buffer.compare(a.key, b.key)).map(({ item }) => item)
}

const textReferences = new Map([['&', '&amp;'], ['<', '&lt;'], ['>', '&gt;'], ['\r', '&#xD;']])
const attributeReferences = new Map([['&', '&amp;'], ['<', '&lt;'], ['"', '&quot;'], ['\t', '&#x9;'], ['\n', '&#xA;'], ['\r', '&#xD;']])
const escapeText = (text: string): string => text.replace(/[&<>\r]/g, (found) => textReferences.get(found) ?? found)
const escapeAttribute = (value: string): string => value.replace(/[&<"\t\n\r]/g, (found) => attributeReferences.get(found) ?? found)
