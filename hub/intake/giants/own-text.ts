import type { XmlPiece } from '../../../schemas/xml-splitter.js'

/** The text of a piece as a document of its own: with the namespaces that held where it was cut out, but for those that it declares itself. */
export const ownText = ({ text, context: { namespaces } }: Pick<XmlPiece, 'text' | 'context'>): string => {
  const [tag = '', name = ''] = /^<([^\s/>]+)(?:[^"'>]+|"[^"]*"|'[^']*')*/.exec(text) ?? []
  const declared = new Set([...tag.replaceAll(/"[^"]*"|'[^']*'/g, '""').matchAll(/\sxmlns(?::([^\s=]+))?\s*=/g)].map(([, prefix = '']) => prefix))
  // The last of a prefix is the one that holds.
  const holding = [...new Map(namespaces)].filter(([prefix, uri]) => !declared.has(prefix) && (prefix !== '' || uri !== '') && prefix !== 'xml' && prefix !== 'xmlns')
  const declarations = holding.map(([prefix, uri]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escaped(uri)}"`).join('')
  return `<${name}${declarations}${text.slice(name.length + 1)}`
}

const escaped = (uri: string): string => uri.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll(/[\t\n\r]/g, (space) => `&#${space.charCodeAt(0)};`)
