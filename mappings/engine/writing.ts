import type { Node } from '../../schemas/node.js'
import { buildNode, endOf, finishNode, writeInto, type BuiltNode } from './built-node.js'
import type { Draft } from './canonical-path.js'
import type { Writer } from './compile-writing.js'
import type { FormatShape } from './format-shape.js'
import { writeExtensions } from './written-extensions.js'
import type { SourceSegment } from './source-path.js'

/** Writes a canonical document in a format: by its map, then the extensions that came from the same language, then the constants. */
export const writeDocument = (shape: FormatShape, write: Writer, document: Draft): Node => {
  const root = buildNode(shape.root.name, shape.root.namespace, shape.syntax)
  write(document, root)
  writeExtensions(shape, document, root)
  for (const { path, text } of shape.fill) fill(root, path.segments, text)
  return finishNode(shape, root)
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
