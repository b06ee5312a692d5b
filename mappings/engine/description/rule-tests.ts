import { compareDecimals, divideDecimals, multiplyDecimals, parseDecimal, roundDecimal, subtractDecimals, sumDecimals, zero, type Decimal } from '../../../schemas/decimal.js'
import type { Node } from '../../../schemas/node.js'
import { among, isNamed, holds, textsAt, type SourcePath, type SourceSegment } from '../source-path.js'

/** What a rule's function says of a node: undefined where it holds, else what was found, '' for nothing to add. */
export type RuleFunction = (node: Node, root: Node) => string | undefined

/** One of the things that a rule asks for. `paths` are those it looks at, the one to blame first. */
export interface Test {
  readonly word: string
  readonly paths: readonly SourcePath[]
  /** undefined where it holds, else what was found. */
  readonly run: (node: Node, root: Node) => string | undefined
}

/** What a path leads to from a node; from the root it is looked up once for a document, at however many nodes a rule asks for it. */
const lookUp = <T>(found: (node: Node, segments: readonly SourceSegment[]) => T): ((path: SourcePath, node: Node, root: Node) => T) => {
  const documents = new WeakMap<Node, Map<SourcePath, T>>()
  return (path, node, root) => {
    if (!path.absolute) return found(node, path.segments)
    const known = documents.get(root) ?? new Map<SourcePath, T>()
    documents.set(root, known)
    const before = known.get(path)
    if (before !== undefined) return before
    const made = found(root, path.segments)
    known.set(path, made)
    return made
  }
}

/** The texts at a path that say something. */
export const saidAt = lookUp((node, segments): readonly string[] => textsAt(node, segments).filter((text) => text !== ''))

const allSaidAt = lookUp((node, segments): ReadonlySet<string> => new Set(textsAt(node, segments).filter((text) => text !== '')))

/** Whether something stands at a path: a text, or an element with something in it. */
export const isThere = (node: Node, segments: readonly SourceSegment[], index = 0): boolean => {
  const segment = segments[index]
  if (segment === undefined) return node.kind !== 'null' && (node.children.length > 0 || node.text.trim() !== '')
  if (segment.attribute) return node.attributes.some(({ name, namespace, value }) => name === segment.name && namespace === segment.namespace && value.trim() !== '')
  return among(node, segment).some((child) => isNamed(child, segment) && holds(child, segment.predicates) && isThere(child, segments, index + 1))
}

const isThereAt = lookUp((node, segments) => isThere(node, segments))

const countOf = (node: Node, segments: readonly SourceSegment[], index = 0): number => {
  const segment = segments[index]
  if (segment === undefined) return 1
  return among(node, segment).reduce((sum, child) => (isNamed(child, segment) && holds(child, segment.predicates) ? sum + countOf(child, segments, index + 1) : sum), 0)
}

const countAt = lookUp((node, segments) => countOf(node, segments))

const decimalsOf = (node: Node, segments: readonly SourceSegment[]): readonly Decimal[] => textsAt(node, segments).flatMap((text) => {
  const decimal = parseDecimal(text)
  return decimal.ok ? [decimal.value] : []
})

const decimalsAt = lookUp(decimalsOf)
const sumOf = lookUp((node, segments) => sumDecimals(decimalsOf(node, segments)))

const sumAt = (paths: readonly SourcePath[], node: Node, root: Node): Decimal => sumDecimals(paths.map((path) => sumOf(path, node, root)))

export const all = (paths: readonly SourcePath[]): Test => ({
  word: 'all', paths,
  run: (node, root) => {
    const missing = paths.filter((path) => !isThereAt(path, node, root))
    return missing.length === 0 ? undefined : `${missing.map(({ text }) => text).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`
  },
})

export const any = (paths: readonly SourcePath[]): Test => ({
  word: 'any', paths,
  run: (node, root) => (paths.some((path) => isThereAt(path, node, root)) ? undefined : `there is none of ${paths.map(({ text }) => text).join(', ')}`),
})

export const none = (paths: readonly SourcePath[]): Test => ({
  word: 'none', paths,
  run: (node, root) => {
    const there = paths.find((path) => isThereAt(path, node, root))
    return there === undefined ? undefined : `${there.text} is there`
  },
})

const mostQuoted = 200

const quoted = (text: string): string => (text.length > mostQuoted ? `${text.slice(0, mostQuoted)}…` : text)

const sameText = (a: string, b: string): boolean => {
  if (a === b) return true
  const left = parseDecimal(a)
  const right = parseDecimal(b)
  return left.ok && right.ok && left.value === right.value
}

/** A path, or a text. */
type Operand = { readonly path: SourcePath } | { readonly text: string }

export const equal = (path: SourcePath, other: Operand): Test => ({
  word: 'equal', paths: 'path' in other ? [path, other.path] : [path],
  run: (node, root) => {
    const expected = 'text' in other ? other.text : saidAt(other.path, node, root)[0]
    if (expected === undefined) return undefined
    const wrong = saidAt(path, node, root).find((text) => !sameText(text, expected))
    return wrong === undefined ? undefined : `${path.text} is ${quoted(wrong)}, expected ${quoted(expected)}`
  },
})

/** Both stand and say the same. */
export const differ = (first: SourcePath, second: SourcePath): Test => ({
  word: 'differ', paths: [first, second],
  run: (node, root) => {
    const others = allSaidAt(second, node, root)
    const same = saidAt(first, node, root).find((text) => others.has(text))
    return same === undefined ? undefined : `both are ${quoted(same)}`
  },
})

export interface Sum {
  readonly of: readonly SourcePath[]
  readonly less: readonly SourcePath[]
  readonly is: SourcePath
  readonly within: Decimal
  /** Whether nothing at `is` means zero; else there is nothing to compare. */
  readonly zeroIfMissing: boolean
}

/** Nothing at a path counts as zero. */
export const sum = ({ of, less, is, within, zeroIfMissing }: Sum): Test => ({
  word: 'sum', paths: [is, ...of, ...less],
  run: (node, root) => compared(is, subtractDecimals(sumAt(of, node, root), sumAt(less, node, root)), within, decimalsAt(is, node, root)[0] ?? (zeroIfMissing ? zero : undefined)),
})

const compared = (is: SourcePath, expected: Decimal, within: Decimal, found: Decimal | undefined): string | undefined => {
  if (found === undefined) return undefined
  const difference = subtractDecimals(found, expected)
  const size = compareDecimals(difference, zero) < 0 ? subtractDecimals(zero, difference) : difference
  return compareDecimals(size, within) <= 0 ? undefined : `${is.text} is ${found}, expected ${expected}`
}

export interface Product {
  readonly of: readonly SourcePath[]
  readonly per: Decimal
  readonly is: SourcePath
  readonly within: Decimal
}

/** Where a factor is missing there is nothing to compare. The product is rounded to two digits, as amounts are. */
export const product = ({ of, per, is, within }: Product): Test => ({
  word: 'product', paths: [is, ...of],
  run: (node, root) => {
    const factors = of.map((path) => decimalsAt(path, node, root)[0])
    let value: Decimal | undefined
    for (const factor of factors) {
      if (factor === undefined) return undefined
      value = value === undefined ? factor : multiplyDecimals(value, factor)
    }
    return value === undefined ? undefined : compared(is, roundDecimal(divideDecimals(value, per, 12), 2), within, decimalsAt(is, node, root)[0])
  },
})

export const codes = (path: SourcePath, list: ReadonlySet<string>): Test => ({
  word: 'codes', paths: [path],
  run: (node, root) => {
    const wrong = saidAt(path, node, root).find((text) => !list.has(text))
    return wrong === undefined ? undefined : `${path.text} is ${quoted(wrong)}`
  },
})

export const pattern = (path: SourcePath, expression: RegExp): Test => ({
  word: 'pattern', paths: [path],
  run: (node, root) => {
    const wrong = saidAt(path, node, root).find((text) => !expression.test(text))
    return wrong === undefined ? undefined : `${path.text} is ${quoted(wrong)}`
  },
})

/** `least` and `most` let the bound itself stand, `more` does not. */
export const bound = (word: 'least' | 'most' | 'more', path: SourcePath, limit: Decimal): Test => ({
  word, paths: [path],
  run: (node, root) => {
    const wrong = decimalsAt(path, node, root).find((value) => {
      const order = compareDecimals(value, limit)
      return word === 'least' ? order < 0 : word === 'most' ? order > 0 : order <= 0
    })
    return wrong === undefined ? undefined : `${path.text} is ${quoted(wrong)}`
  },
})

export const count = (path: SourcePath, min: number, max: number): Test => ({
  word: 'count', paths: [path],
  run: (node, root) => {
    const times = countAt(path, node, root)
    return times >= min && times <= max ? undefined : `${path.text} stands ${times} times`
  },
})

/** The first is not after the second; dates and numbers alike. */
export const ordered = (first: SourcePath, second: SourcePath): Test => ({
  word: 'ordered', paths: [first, second],
  run: (node, root) => {
    const [a] = saidAt(first, node, root)
    const [b] = saidAt(second, node, root)
    return a === undefined || b === undefined || !isAfter(a, b) ? undefined : `${first.text} is ${quoted(a)}, ${second.text} is ${quoted(b)}`
  },
})

const isAfter = (a: string, b: string): boolean => {
  const left = parseDecimal(a)
  const right = parseDecimal(b)
  return left.ok && right.ok ? compareDecimals(left.value, right.value) > 0 : a.slice(0, 10) > b.slice(0, 10)
}

export const distinct = (path: SourcePath): Test => ({
  word: 'distinct', paths: [path],
  run: (node, root) => {
    const texts = saidAt(path, node, root)
    const met = new Set<string>()
    const twice = texts.find((text) => met.size === met.add(text).size)
    return twice === undefined ? undefined : `${path.text} is ${quoted(twice)} more than once`
  },
})

export const byFunction = (run: RuleFunction): Test => ({ word: 'function', paths: [], run })
