import type { Node, NodeAttribute } from './node.js'

interface OpenElement {
  name: string
  namespace: string
  attributes: readonly NodeAttribute[]
  children: Node[] | undefined
  text: string
  /** Text and children in their order, from the first child on. */
  pieces: (string | Node)[]
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
  let depth = 0
  let root: Node | undefined

  const append = (element: OpenElement, node: Node): void => {
    if (element.children === undefined) {
      element.children = [node]
      element.pieces = element.text === '' ? [node] : [element.text, node]
      return
    }
    element.children.push(node)
    element.pieces.push(node)
  }

  return {
    start: (name: string, namespace: string, attributes: readonly NodeAttribute[], line: number, column: number): void => {
      open[depth++] = { name, namespace, attributes, children: undefined, text: '', pieces: [], line, column }
    },
    text: (text: string): void => {
      const element = open[depth - 1]
      if (element === undefined) return
      element.text = element.text === '' ? text : element.text + text
      if (element.children !== undefined) appendText(element.pieces, text)
    },
    end: (): void => {
      const element = open[--depth]
      if (element === undefined) throw new Error('an element ends that did not start')
      const node = close(element)
      const parent = open[depth - 1]
      if (parent === undefined) root = node
      else append(parent, node)
    },
    root: (): Node => {
      if (root === undefined) throw new Error('no element was read')
      return root
    },
  }
}

/** A comment, a reference or a CDATA section splits what is one text. */
const appendText = (pieces: (string | Node)[], text: string): void => {
  const last = pieces.at(-1)
  if (typeof last === 'string') pieces[pieces.length - 1] = last + text
  else pieces.push(text)
}

const close = ({ name, namespace, attributes, children, text, pieces, line, column }: OpenElement): Node => {
  if (children === undefined) return { name, namespace, attributes, children: none, text, kind: 'element', line, column }
  if (isXmlSpace(text)) return { name, namespace, attributes, children, text, kind: 'element', line, column }
  return { name, namespace, attributes, children, text, mixed: pieces, kind: 'element', line, column }
}

/** Whether a text is empty or holds nothing but the white space of XML 1.0, production 3. */
export const isXmlSpace = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return false
  }
  return true
}
