import type { Node, NodeAttribute } from '../../schemas/node.js'

/** A node without its children, which follow it; in `mixed` null stands for the next child. */
export interface FlatNode {
  readonly name: string
  readonly namespace: string
  readonly attributes: readonly NodeAttribute[]
  readonly text: string
  readonly children: number
  readonly mixed?: readonly (string | null)[]
  readonly line: number
  readonly column: number
}

/** Small enough that receiving one takes a few milliseconds. */
const batchNodes = 1_000

/** Takes a tree apart into batches, each made when it is asked for. */
export function* flattenTree(root: Node): Generator<readonly FlatNode[], undefined> {
  const pending = [root]
  let batch: FlatNode[] = []
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { name, namespace, attributes, text, children, mixed, line, column } = node
    const flat = { name, namespace, attributes, text, children: children.length, line, column }
    batch.push(mixed === undefined ? flat : { ...flat, mixed: mixed.map((piece) => (typeof piece === 'string' ? piece : null)) })
    for (let index = children.length - 1; index >= 0; index--) {
      const child = children[index]
      if (child !== undefined) pending.push(child)
    }
    if (batch.length < batchNodes) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
  return undefined
}

interface Growing {
  readonly node: Node
  readonly children: Node[]
  readonly mixed: (string | Node)[] | undefined
  readonly template: readonly (string | null)[] | undefined
  readonly expected: number
}

/** Puts batches together again, in their order. */
export const makeTreeAssembler = () => {
  const open: Growing[] = []
  let root: Node | undefined
  const addTo = (parent: Growing, node: Node): void => {
    parent.children.push(node)
    if (parent.mixed === undefined) return
    takeText(parent)
    parent.mixed.push(node)
    takeText(parent)
  }
  return {
    add: (batch: readonly FlatNode[]): void => {
      for (const { name, namespace, attributes, text, children: expected, mixed: template, line, column } of batch) {
        const children: Node[] = []
        const mixed: (string | Node)[] | undefined = template && []
        const node: Node = mixed === undefined ? { name, namespace, attributes, children, text, kind: 'element', line, column } : { name, namespace, attributes, children, text, mixed, kind: 'element', line, column }
        const parent = open.at(-1)
        if (parent === undefined) root = node
        else addTo(parent, node)
        if (expected > 0) open.push({ node, children, mixed, template, expected })
        for (let last = open.at(-1); last !== undefined && last.children.length === last.expected; last = open.at(-1)) open.pop()
      }
    },
    root: (): Node | undefined => root,
  }
}

/** Moves the texts over that stand before the next child. */
const takeText = ({ mixed, template }: Growing): void => {
  for (let piece = template?.[mixed?.length ?? 0]; typeof piece === 'string'; piece = template?.[mixed?.length ?? 0]) mixed?.push(piece)
}
