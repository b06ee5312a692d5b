import type { Node } from '../../../schemas/node.js'
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

/** Pieces below the start tag of their root, with the prefixes that were written there. */
export const textUnder = ({ name, namespace, attributes }: Node, text: string, { namespaces }: XmlPiece['context']): string => {
  const declared = [...new Map(namespaces)]
  const tag = declared.some(([prefix, uri]) => prefix === '' && uri === namespace) || namespace === '' ? name : `${prefixOf(declared, namespace)}:${name}`
  const declarations = declared.filter(([prefix]) => prefix !== 'xml').map(([prefix, uri]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escaped(uri)}"`)
  const written = attributes.map((attribute) => ` ${attribute.namespace === '' ? '' : `${prefixOf(declared, attribute.namespace)}:`}${attribute.name}="${escaped(attribute.value)}"`)
  return `<${tag}${[...declarations, ...written].join('')}>${text}</${tag}>`
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'

/** Of a namespace for which a prefix stands, as it must for that of an attribute. */
const prefixOf = (declared: readonly (readonly [string, string])[], uri: string): string =>
  (uri === xmlNamespace ? 'xml' : declared.find(([prefix, declaredUri]) => prefix !== '' && declaredUri === uri)?.[0] ?? '')

const escaped = (uri: string): string => uri.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll(/[\t\n\r]/g, (space) => `&#${space.charCodeAt(0)};`)
