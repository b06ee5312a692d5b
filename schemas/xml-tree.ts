import type { Node, NodeAttribute } from './node.js'

/** One for each depth, used again by the next element there. */
interface OpenElement {
  name: string
  namespace: string
  attributes: readonly NodeAttribute[]
  /** How many children stood on the stack when it began. */
  childrenFrom: number
  text: string
  /** Whether the text is white space so far. */
  isBlank: boolean
  /** How much of the text stands before each child; what an earlier element left stands behind. */
  readonly textBefore: number[]
  line: number
  column: number
}

const none: readonly never[] = []

/**
 * Builds the tree while a document is read from its start to its end. White space that stands between elements is in `text`
 * and makes an element no mixed one: `mixed` is set where other text stands beside elements.
 */
export const makeXmlTree = () => {
  const open: OpenElement[] = []
  /** Finished children of all open elements; what an earlier element left stands behind. */
  const finished: Node[] = []
  let count = 0
  let depth = 0

  const close = ({ name, namespace, attributes, childrenFrom, text, isBlank, textBefore, line, column }: OpenElement): Node => {
    if (childrenFrom === count) return { name, namespace, attributes, children: none, text, kind: 'element', line, column }
    const children = finished.slice(childrenFrom, count)
    count = childrenFrom
    if (isBlank) return { name, namespace, attributes, children, text, kind: 'element', line, column }
    return { name, namespace, attributes, children, text, mixed: mixedContent(children, text, textBefore), kind: 'element', line, column }
  }

  return {
    start: (name: string, namespace: string, attributes: readonly NodeAttribute[], line: number, column: number): void => {
      const element = open[depth++]
      if (element === undefined) {
        open.push({ name, namespace, attributes, childrenFrom: count, text: '', isBlank: true, textBefore: [], line, column })
        return
      }
      element.name = name
      element.namespace = namespace
      element.attributes = attributes
      element.childrenFrom = count
      element.text = ''
      element.isBlank = true
      element.line = line
      element.column = column
    },
    text: (text: string): void => {
      const element = open[depth - 1]
      if (element === undefined) return
      element.text = element.text === '' ? text : element.text + text
      // Looked at piece by piece: to look at what + made of them, it would have to be put together.
      if (element.isBlank && !isXmlSpace(text)) element.isBlank = false
    },
    end: (): void => {
      const element = open[--depth]
      if (element === undefined) throw new Error('an element ends that did not start')
      const node = close(element)
      const parent = open[depth - 1]
      if (depth > 0 && parent !== undefined) parent.textBefore[count - parent.childrenFrom] = parent.text.length
      finished[count++] = node
    },
    root: (): Node => {
      const [root] = finished
      if (root === undefined) throw new Error('no element was read')
      return root
    },
  }
}

/** Text and children in their order; a comment or a CDATA section splits no text. */
const mixedContent = (children: readonly Node[], text: string, textBefore: readonly number[]): readonly (string | Node)[] => {
  const mixed: (string | Node)[] = []
  let from = 0
  for (const [index, child] of children.entries()) {
    const to = textBefore[index] ?? from
    if (to > from) mixed.push(text.slice(from, to))
    mixed.push(child)
    from = to
  }
  if (from < text.length) mixed.push(text.slice(from))
  return mixed
}

/** Whether a text is empty or holds nothing but the white space of XML 1.0, production 3. */
export const isXmlSpace = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return false
  }
  return true
}
