import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { buildNode, endOf, finishNode, writeInto, type BuiltNode, type OrderMemory } from './built-node.js'
import type { Draft } from './canonical-path.js'
import type { CompiledWriting } from './compile-writing.js'
import type { FormatShape } from './format-shape.js'
import type { ReshapedTree } from './reshaped-tree.js'
import { writeExtensions } from './written-extensions.js'
import type { SourceSegment } from './source-path.js'

/** Writes a canonical document in a format: by its map, then the extensions that came from the same language, what it is recognised by, then the constants. Fails with value-invalid where a converter says that something can't be written. */
export const writeDocument = (shape: FormatShape, { write, run }: CompiledWriting, order: OrderMemory, document: Draft, reshaped?: ReshapedTree): Result<Node> => {
  const root = buildNode(shape.root.name, shape.root.namespace, shape.syntax)
  run.document = document
  run.refused.length = 0
  write(document, root)
  const [refused] = run.refused
  if (refused !== undefined) return fail('value-invalid', refused.at, refused.detail)
  writeExtensions(shape, document, root)
  for (const { path, value, negated } of shape.where) if (value !== undefined && !negated) recognisable(root, path, value)
  for (const { path, text } of shape.fill) fill(root, path.segments, text)
  reshaped?.write(root)
  const finished = finishNode(order, root)
  return ok(shape.finish?.(finished) ?? finished)
}

/** Puts what the map recognises its documents by, where nothing stands. */
const recognisable = (root: BuiltNode, path: readonly SourceSegment[], text: string): void => {
  const end = endOf(root, path)
  const last = path.at(-1)
  if (last?.attribute === true ? !end.attributes.some(({ name }) => name === last.name) : end.text === '') writeInto(end, last, { text })
}

/** A constant goes wherever its parent is, and only where nothing stands. */
const fill = (node: BuiltNode, segments: readonly SourceSegment[], text: string): void => {
  const [first, ...rest] = segments
  if (first === undefined) return
  if (rest.length === 0) {
    const end = endOf(node, [first])
    if (first.attribute ? !node.attributes.some(({ name }) => name === first.name) : end.text === '') writeInto(end, first, { text })
    return
  }
  for (const child of node.children) if (child.name === first.name && child.namespace === first.namespace) fill(child, rest, text)
}
