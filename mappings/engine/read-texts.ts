import type { NodeCount } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { TextBinding, TextCutting, TextPart, TextPiece } from './text-binding.js'

/** How a text that is neither XML nor JSON is read. */
export interface TextReader {
  /** Whether the text may be one that is read here. */
  readonly claims: (text: string) => boolean
  /** Of bytes that do not say it as others do; undefined where nothing says one. */
  readonly encodingOf: (bytes: Uint8Array) => string | undefined
  /** Its documents, which exactly one of the languages has to know. Fails as `TextBinding.read` does. */
  readonly read: (text: string, limits?: object, count?: NodeCount) => Result<readonly TextPart[]>
  /** How a text that begins so and is claimed is cut into pieces that give the documents that `read` would give, as `TextBinding.cutting` says. */
  readonly cutting: TextBinding['cutting']
}

/** The reader of some languages' texts; undefined where there is none. An interchange is one by how it begins, a file of records likewise; a table may begin in any way. */
export const readerOfTexts = (bindings: readonly TextBinding[]): TextReader | undefined => {
  if (bindings.length === 0) return undefined
  const claiming = (text: string): readonly TextBinding[] => {
    for (const syntax of ['segments', 'fixed', 'csv'] as const) {
      const found = bindings.filter((binding) => binding.syntax === syntax && binding.claims(text))
      if (found.length > 0) return found
    }
    return []
  }
  return {
    claims: (text) => claiming(text).length > 0,
    encodingOf: (bytes) => claiming(Buffer.from(bytes.subarray(0, 1000)).toString('latin1')).map((binding) => binding.encodingOf(bytes)).find((encoding) => encoding !== undefined),
    read: (text, _limits, count = { nodes: 0 }) => {
      const found = claiming(text)
      const [first, second] = found
      if (first === undefined) return fail('format-unknown', '1:1', 'The text is of none of the languages of the channel.')
      if (second === undefined) return first.read(text, count)
      const { nodes: before, most } = count
      const read = found.map((binding, index) => binding.read(text, index === 0 ? count : { nodes: before, most }))
      return first.syntax === 'csv' ? oneOf(read) : together(read)
    },
    cutting: (head, isWhole) => {
      const found = claiming(head)
      const [first] = found
      if (first === undefined) return ok(undefined)
      const cuttings: Result<TextCutting | undefined>[] = []
      for (const binding of found) {
        const cutting = binding.cutting(head, isWhole)
        if (cutting === 'more') return 'more'
        cuttings.push(cutting)
      }
      if (first.syntax === 'csv') return oneOf(cuttings)
      return first.syntax === 'segments' ? ok(inStep(cuttings.flatMap((cutting) => (cutting.ok ? cutting.value ?? [] : [])))) : cuttings.length === 1 ? cuttings[0] ?? ok(undefined) : ok(undefined)
    },
  }
}

/** A table is of one language as a whole. */
const oneOf = <T>(read: readonly Result<T>[]): Result<T> => {
  const taken = read.filter(({ ok: isRead }) => isRead)
  if (taken.length > 1) return fail('format-ambiguous', '1:1', 'The table is one of several languages of the channel.')
  return taken[0] ?? read[0] ?? fail('format-unknown', '1:1', 'The table is of none of the languages of the channel.')
}

/** Each message of an interchange is of the language that knows its type. */
const together = (read: readonly Result<readonly TextPart[]>[]): Result<readonly TextPart[]> => {
  const [first] = read
  if (first?.ok !== true) return first ?? fail('format-unknown', '1:1', 'The text is of none of the languages of the channel.')
  return ok(first.value.map((part, index): TextPart => {
    const known = read.flatMap((one) => (one.ok ? one.value.slice(index, index + 1) : [])).filter(({ root }) => root.ok || root.code !== 'format-unknown')
    const [only, second] = known
    if (second?.root.ok === true && only?.root.ok === true) return { ...part, root: fail('format-ambiguous', `${only.root.value.line}:${only.root.value.column}`, `The message is one of ${only.root.value.namespace} and of ${second.root.value.namespace}; the channel takes both.`) }
    return only ?? part
  }))
}

/** The same messages are cut out for each language: side by side they are read as together they are. */
const inStep = (cuttings: readonly TextCutting[]): TextCutting => ({
  survey: undefined,
  cutter: () => {
    const cutters = cuttings.map(({ cutter }) => cutter())
    const merged = (all: readonly (readonly TextPiece[])[]): readonly TextPiece[] =>
      (all[0] ?? []).map(({ length }, index) => ({ length, read: (most) => together(all.flatMap((pieces) => pieces.slice(index, index + 1).map((piece) => piece.read(most)))) }))
    return { push: (text) => merged(cutters.map((cutter) => cutter.push(text))), end: () => merged(cutters.map((cutter) => cutter.end())), failure: () => cutters[0]?.failure() }
  },
})
