import type { Node } from '../node.js'
import type { CanonicalDocument } from './canonical-document.js'

const build = (name: string, value: unknown, listed: boolean): Node => {
  const base = { name, namespace: '', attributes: [], line: 0, column: 0 }
  const node = (kind: Node['kind'], text: string, children: readonly Node[]): Node => listed ? { ...base, kind, text, children, listed } : { ...base, kind, text, children }
  if (typeof value === 'object' && value !== null) return node('object', '', Object.entries(value).flatMap(([key, held]) => members(key, held)))
  return node(typeof value === 'number' ? 'number' : 'string', String(value), [])
}

const members = (key: string, value: unknown): readonly Node[] => {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [build(key, value, false)]
  if (value.length === 0) return [{ name: key, namespace: '', attributes: [], children: [], text: '', kind: 'array', line: 0, column: 0 }]
  return value.map((item: unknown) => build(key, item, true))
}

/** A canonical document as a tree, to be written as JSON. */
export const nodeOf = (document: CanonicalDocument): Node => build('', document, false)
