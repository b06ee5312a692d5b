export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
export const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'

const start = 'A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F'
  + '\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}'
const ncName = new RegExp(`^[${start}][-${start}.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*$`, 'u')

/** A name of ASCII alone, as nearly all are; the full expression takes many times as long. */
const asciiName = /^[A-Z_a-z][-A-Z_a-z.0-9]*$/

/** Whether a name is an NCName of Namespaces in XML 1.0 (third edition), section 3: an XML name without a colon. */
export const isNcName = (name: string): boolean => asciiName.test(name) || ncName.test(name)
