import type { Node } from '../../schemas/node.js'
import type { Converter, Written } from '../engine/converter.js'

/** The segments that a text's lines stand in, by the segment of the text. */
const lineSegments: Readonly<Record<string, string>> = { E1EDKT1: 'E1EDKT2', E1EDPT1: 'E1EDPT2', E1TXTH8: 'E1TXTP8', E1TXTH9: 'E1TXTP9' }

/** What TDLINE takes in the segments of orders and invoices. */
const lineLength = 70

const fieldOf = (node: Node, name: string): string => node.children.find((child) => child.name === name)?.text.replace(/\s+/g, ' ').trim() ?? ''

/** A line of SAPscript goes on with the one before it where TDFORMAT is blank (a space between) or = (none), and begins anew elsewhere. */
const joinOf = (format: string): string => (format === '=' ? '' : format === '' ? ' ' : '\n')

const cut = (line: string): readonly string[] => {
  const pieces: string[] = []
  const letters = Array.from(line)
  for (let start = 0; start < letters.length; start += lineLength) pieces.push(letters.slice(start, start + lineLength).join(''))
  return pieces.length === 0 ? [''] : pieces
}

/** The lines of a text as one, and back into lines of at most 70 characters. */
export const textLines: Converter = {
  takes: {},
  takesChildren: Object.values(lineSegments),
  read: (_text, node) => {
    const lines = node.children.filter(({ name }) => name === lineSegments[node.name])
    const text = lines.map((line, index) => `${index === 0 ? '' : joinOf(fieldOf(line, 'TDFORMAT'))}${fieldOf(line, 'TDLINE')}`).join('')
    return text === '' ? undefined : text
  },
  write: (value) => (typeof value === 'string' ? { children: value.split('\n').flatMap((line) => cut(line).map((piece, index) => lineOf(piece, index === 0 ? '*' : '='))) } : undefined),
}

/** Under a name of its own until the document is finished, since a text does not know what it stands in. */
export const writtenLine = 'TEXT-LINE'

const lineOf = (line: string, format: string): { readonly name: string, readonly namespace: string, readonly written: Written } => ({
  name: writtenLine, namespace: '', written: {
    children: [{ name: 'TDLINE', namespace: '', written: { text: line } }, { name: 'TDFORMAT', namespace: '', written: { text: format } }],
  },
})

export const lineSegmentOf = (text: string): string => lineSegments[text] ?? writtenLine
