import { ParseOption, XmlDocument, XmlLibError, XmlValidateError, type ErrorDetail, type XmlElement, type XsdValidator } from 'libxml2-wasm'
import { mostFindings, type Finding } from './finding.js'
import { elementsOf, parseOptions } from './read-xsd.js'
import { explainXsdError } from './explain-xsd-error.js'

/** One element of a text and what it is held against. */
interface XmlCheck {
  /** Positions of elements among their siblings, from 0, from the text's root down to the part's. */
  readonly steps: readonly number[]
  readonly validators: readonly XsdValidator[]
}

/** Our own reader has set the limits by then. Nothing is changed in the document, so that short texts may stand inside their nodes. */
const asWritten: ParseOption = parseOptions | ParseOption.XML_PARSE_HUGE | ParseOption.XML_PARSE_COMPACT
const unindented: ParseOption = asWritten | ParseOption.XML_PARSE_NOBLANKS

/**
 * White space beside elements, of which no schema says anything, takes a tenth of the time of an indented document. libxml2 may leave it out, and keeps what is
 * all that an element holds, but for a document with comments, instructions or sections below its root: these mislead it.
 */
const mayUnindent = (text: string): boolean => {
  const root = text.search(/<[^!?]/)
  return !followsBracket(text, '!', root) && !followsBracket(text, '?', root)
}

/** Whether `<` and the sign stand together somewhere. The sign is looked for, which is rare: brackets stand everywhere. */
const followsBracket = (text: string, sign: string, from: number): boolean => {
  let at = text.indexOf(sign, from + 1)
  while (at !== -1 && text[at - 1] !== '<') at = text.indexOf(sign, at + 1)
  return at !== -1
}

/** Parses a text once and holds each of its parts against its validators: findings by part, by validator. */
export const checkXml = (text: string, checks: readonly XmlCheck[]): readonly (readonly (readonly Finding[])[])[] => {
  const document = parse(text)
  if (!(document instanceof XmlDocument)) return checks.map(({ validators }) => validators.map(() => [document]))
  try {
    return checks.map(({ steps, validators }) => {
      const element = (): XmlElement => elementAt(document.root, steps)
      return validators.map((validator) => findingsOf(validate(validator, steps.length === 0 ? document : element()), element, steps.length))
    })
  } finally {
    document.dispose()
  }
}

const parse = (text: string): XmlDocument | Finding => {
  try {
    return XmlDocument.fromBuffer(utf8Of(text), { option: mayUnindent(text) ? unindented : asWritten })
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error
    return { rule: 'well-formed', detail: error.message.trim(), steps: [], path: '.', fix: { en: 'Send the document as well-formed XML 1.0.', zh: '请发送格式良好的 XML 1.0 文档。' } }
  }
}

const encoder = new TextEncoder()
/** For most documents: to encode into what is there takes half the time of asking first how long it gets. */
const room = new Uint8Array(256 * 1024)
const mostBytesEach = 3

/** Good until the next call. */
const utf8Of = (text: string): Uint8Array => (text.length * mostBytesEach > room.length ? encoder.encode(text) : room.subarray(0, encoder.encodeInto(text, room).written))

const elementAt = (root: XmlElement, steps: readonly number[]): XmlElement => steps.reduce((element, step) => {
  const child = elementsOf(element)[step]
  if (child === undefined) throw new Error('a part stands at no element of its text')
  return child
}, root)

const validate = (validator: XsdValidator, what: XmlDocument | XmlElement): readonly ErrorDetail[] => {
  try {
    if (what instanceof XmlDocument) validator.validate(what)
    else validator.validate(what)
    return []
  } catch (error) {
    if (error instanceof XmlValidateError) return error.details.filter(({ level }) => level >= 2)
    throw error
  }
}

const findingsOf = (errors: readonly ErrorDetail[], rootOf: () => XmlElement, above: number): readonly Finding[] => {
  if (errors.length === 0) return []
  const root = rootOf()
  const childrenOf = remembering(elementsOf)
  return withoutEchoes(errors).slice(0, mostFindings).map((error) => {
    const { rule, attribute, detail, fix } = explainXsdError(error.message)
    const { steps, path } = placeOf(error.xpath ?? '', root, above, childrenOf)
    return { rule, detail, fix, steps, path: attribute === undefined ? path : `${path === '.' ? '' : `${path}/`}@${attribute}` }
  })
}

/** libxml2 says of a value that breaks a facet, once more, that it is none of its type, and of a key whose value is wrong that it has none. */
const withoutEchoes = (errors: readonly ErrorDetail[]): readonly ErrorDetail[] => errors.filter(({ message, xpath }, index) => {
  if (message.includes('No precomputed value available')) return false
  const before = errors[index - 1]
  if (message.includes(' is not a valid value of the ')) return before?.xpath !== xpath || !before?.message.includes('[facet ')
  return !message.includes(': Not all fields of ') || !errors.some((other, place) => place < index && other.xpath === xpath)
})

const remembering = <K, V>(read: (key: K) => V): ((key: K) => V) => {
  const known = new Map<K, V>()
  return (key) => {
    const held = known.get(key)
    if (held !== undefined) return held
    const value = read(key)
    known.set(key, value)
    return value
  }
}

const stepPattern = /^(?:([^:[\]]+):)?([^:[\]]+)(?:\[(\d+)\])?$/

/** Follows libxml2's path (`/*`, `/cac:Line[2]`; `*[n]` counts every element, a name those written so) from the part's root down. */
const placeOf = (xpath: string, root: XmlElement, above: number, childrenOf: (parent: XmlElement) => readonly XmlElement[]): Pick<Finding, 'steps' | 'path'> => {
  const steps: number[] = []
  const names: string[] = []
  let element = root
  for (const step of xpath.split('/').slice(above + 2)) {
    const match = stepPattern.exec(step)
    if (match === null) break
    const [, prefix = '', name = '', position = '1'] = match
    const children = childrenOf(element)
    const written = (child: XmlElement): boolean => name === '*' || (child.name === name && child.prefix === prefix)
    const child = children.filter(written)[Number(position) - 1]
    if (child === undefined) break
    steps.push(children.indexOf(child))
    names.push(nameAmong(children, child))
    element = child
  }
  return { steps, path: names.length === 0 ? '.' : names.join('/') }
}

/** As the mappings write it: a position where a name stands more than once. */
const nameAmong = (siblings: readonly XmlElement[], element: XmlElement): string => {
  const { name, prefix } = element
  const alike = siblings.filter((one) => one.name === name && one.prefix === prefix)
  return `${prefix === '' ? '' : `${prefix}:`}${name}${alike.length > 1 ? `[${alike.indexOf(element) + 1}]` : ''}`
}
