import type { Node } from '../../schemas/node.js'
import { lineSegmentOf, writtenLine } from './text-lines.js'

const isSegment = (node: Node): boolean => node.children.length > 0

const attribute = (name: string): Node['attributes'][number] => ({ name, namespace: '', value: '1' })

const textOf = (node: Node, name: string): string => node.children.find((child) => child.name === name)?.text ?? ''

const field = (node: Node, name: string, text: string): Node => ({ ...node, name, text, attributes: [], children: [] })

const withFirst = (node: Node, name: string, text: string): Node => ({ ...node, children: [field(node, name, text), ...node.children] })

/** Payment terms are counted, 005 is what is said in words alone. */
const countTerms = (children: readonly Node[]): readonly Node[] => {
  let counted = 0
  return children.map((child) => {
    if (child.name !== 'E1EDK18' || textOf(child, 'QUALF') !== '') return child
    const inWords = textOf(child, 'TAGE') === '' && textOf(child, 'PRZNT') === ''
    return withFirst(child, 'QUALF', inWords ? '005' : String(++counted).padStart(3, '0'))
  })
}

/** A text line of orders has its format behind it, one of deliveries before it. */
const lineOf = (line: Node, name: string): Node => ({ ...line, name, children: name.startsWith('E1TXTP') ? [...line.children].reverse() : line.children })

/** SAP repeats the sign of an allowance behind its percentage. */
const signed = (node: Node): Node => {
  if (!/^E1ED[KP]05$/.test(node.name) || textOf(node, 'ALCKZ') !== '-') return node
  return { ...node, children: node.children.map((child) => (child.name === 'KPERC' && !child.text.endsWith('-') ? { ...child, text: `${child.text}-` } : child)) }
}

const segment = (node: Node): Node => {
  if (!isSegment(node)) return node
  const named = node.children.map((child) => (child.name === writtenLine ? lineOf(child, lineSegmentOf(node.name)) : child))
  return signed({ ...node, attributes: [attribute('SEGMENT')], children: countTerms(named).map(segment) })
}

/** A written tree as SAP reads it: every IDOC and every segment says that it is one, terms are counted, text lines stand in the segments of their text. */
export const segments = (root: Node): Node => ({
  ...root, children: root.children.map((idoc) => ({ ...idoc, attributes: [attribute('BEGIN')], children: countTerms(idoc.children).map(segment) })),
})
