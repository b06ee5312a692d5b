import { isNcName } from './xml-names.js'

const version = '\\s+version\\s*=\\s*(?:"1\\.[0-9]+"|\'1\\.[0-9]+\')'
const encoding = '\\s+encoding\\s*=\\s*(?:"[A-Za-z][-A-Za-z0-9._]*"|\'[A-Za-z][-A-Za-z0-9._]*\')'
const standalone = '\\s+standalone\\s*=\\s*(?:"(?:yes|no)"|\'(?:yes|no)\')'
const publicId = '(?:"[-\' \\n()+,./:=?;!*#@$_%a-zA-Z0-9]*"|\'[- \\n()+,./:=?;!*#@$_%a-zA-Z0-9]*\')'
const externalId = `\\s+(?:SYSTEM|PUBLIC\\s+${publicId})\\s+(?:"[^"]*"|'[^']*')`

/** The white space of JavaScript's expressions is wider than that of XML. */
const asXmlSpace = (source: string): RegExp => new RegExp(source.replaceAll('\\s', '[ \\t\\n]'), 'y')

const xmlDeclaration = asXmlSpace(`<\\?xml${version}(?:${encoding})?(?:${standalone})?\\s*\\?>`)
const doctype = asXmlSpace(`<!DOCTYPE\\s+([^ \\t\\n"'<>[\\]]+)(?:${externalId})?\\s*([[>])`)

const matchAt = (sticky: RegExp, text: string, at: number): RegExpExecArray | null => {
  sticky.lastIndex = at
  return sticky.exec(text)
}

/** Where the XML declaration (XML 1.0, production 23) that begins here ends; undefined where it is not well-formed. */
export const xmlDeclarationEnd = (text: string, at: number): number | undefined => {
  const found = matchAt(xmlDeclaration, text, at)
  return found === null ? undefined : at + found[0].length
}

/** A document type declaration (production 28) up to its end, or to the [ that begins its internal subset. */
interface Doctype {
  readonly end: number
  readonly internalSubset: boolean
}

export const doctypeAt = (text: string, at: number): Doctype | undefined => {
  const found = matchAt(doctype, text, at)
  if (found?.[1]?.split(':').every(isNcName) !== true) return undefined
  return { end: at + found[0].length, internalSubset: found[2] === '[' }
}
