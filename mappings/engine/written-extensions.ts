import { addChild, childAt, writeInto, type BuiltNode } from './built-node.js'
import { isDraft, type Draft } from './canonical-path.js'
import type { FormatShape } from './format-shape.js'
import type { SourcePredicate } from './source-path.js'

const step = /(@?)(?:\{([^}]*)\}|([A-Za-z_][\w.-]*:))?([^/[\]#@{}]+)(?:\[([^\]=]+)=([^\]]*)\])?(?:\[(\d+)\])?(?:#(\w+))?(?:\/|$)/y

interface Step {
  readonly attribute: boolean
  readonly name: string
  readonly namespace: string
  readonly qualified: SourcePredicate | undefined
  readonly position: number | undefined
  readonly kind: string | undefined
}

/** Puts back what reading kept of a document of this language, at the paths where it stood. */
export const writeExtensions = (shape: FormatShape, document: Draft, root: BuiltNode): void => {
  const extensions: unknown = document['extensions']
  if (!Array.isArray(extensions)) return
  for (const extension of extensions as readonly unknown[]) {
    if (!isDraft(extension) || extension['format'] !== shape.language) continue
    const { path, value } = extension
    if (typeof path !== 'string' || typeof value !== 'string') continue
    const steps = readSteps(shape, path)
    if (steps?.some((one) => one.kind === 'sha256') === false) place(root, steps, value)
  }
}

const readSteps = (shape: FormatShape, path: string): readonly Step[] | undefined => {
  const steps: Step[] = []
  step.lastIndex = 0
  while (step.lastIndex < path.length) {
    const match = step.exec(path)
    if (match === null) return undefined
    const [, mark, uri, prefix, name = '', qualifier, value, position, kind] = match
    const namespace = uri ?? (prefix === undefined ? '' : shape.namespaceOf(prefix.slice(0, -1)))
    if (namespace === undefined) return undefined
    const qualified = qualifier === undefined ? undefined : shape.qualifiers.get(name)?.find(({ text }) => text === qualifier)?.segments
    if (qualifier !== undefined && qualified === undefined) return undefined
    steps.push({ attribute: mark === '@', name, namespace, qualified: qualified === undefined ? undefined : { path: qualified, value, others: [], beginnings: [], negated: false }, position: position === undefined ? undefined : Number(position), kind })
  }
  return steps
}

const place = (root: BuiltNode, steps: readonly Step[], value: string): void => {
  let node = root
  for (const { attribute, name, namespace, qualified, position, kind } of steps) {
    if (attribute) {
      if (!node.attributes.some((held) => held.name === name && held.namespace === namespace)) node.attributes.push({ name, namespace, value })
      return
    }
    node = qualified === undefined ? nth(node, name, namespace, position)
      : childAt(node, { name, namespace, attribute: false, repeats: false, predicates: [qualified] }, (position ?? 1) - 1, false)
    if (kind === 'number' || kind === 'boolean') writeInto(node, undefined, { text: value, kind })
  }
  if (node.text === '') writeInto(node, undefined, { text: value })
}

const nth = (parent: BuiltNode, name: string, namespace: string, position: number | undefined): BuiltNode => {
  let left = position ?? 1
  for (const child of parent.children) {
    if (child.name === name && child.namespace === namespace && --left === 0) return child
  }
  let made = addChild(parent, name, namespace, position !== undefined)
  for (left -= 1; left > 0; left--) made = addChild(parent, name, namespace, true)
  return made
}
