import { fail, type Failure } from '../../schemas/result.js'

const token = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<!DOCTYPE|<\?(?!xml\s)/g

/**
 * A document type declaration or a processing instruction in well-formed XML: neither may stand in a SOAP message (SOAP 1.1,
 * section 3; SOAP 1.2 part 1, section 5). Fails with xml-forbidden at line and column.
 */
export const findForbidden = (text: string): Failure | undefined => {
  // Nearly every envelope has none of these behind its XML declaration.
  if (!text.includes('<!') && text.indexOf('<?', 1) === -1 && !/^<\?(?!xml\s)/.test(text)) return undefined
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found.startsWith('<!-') || found.startsWith('<![')) continue
    const before = text.slice(0, index).split('\n')
    const what = found === '<?' ? 'processing instruction' : 'document type declaration'
    return fail('xml-forbidden', `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`, `A SOAP message holds no ${what}.`)
  }
  return undefined
}
