import type { Node } from '../../schemas/node.js'
import type { Format } from './format.js'

/** Says what a document that none of the `formats` that are taken recognises looks like, which of the `others` it is, and which of those that are taken it may be meant to be. */
export const explainUnrecognised = (root: Node, formats: readonly Format[], others: readonly Format[]): string =>
  `${describeRoot(root, formats)} is none of the documents that are taken here.${elsewhere(root, others)}${nearMiss(root, formats)} ${takenInstead(root, formats)}`

/** What a document is, as its sender sees it, with the members that the formats go by. */
export const describeRoot = (root: Node, formats: readonly Format[]): string => {
  if (root.kind === 'element') return `The root element ${cut(root.name)} ${root.namespace === '' ? 'without a namespace' : `of the namespace ${cut(root.namespace, mostOfNamespace)}`}${saidInside(root, formats) || holding(root, formats)}`
  if (root.kind !== 'object') return `The JSON ${root.kind}`
  const asked = [...new Set(formats.flatMap(({ knownBy, info }) => (info.syntax !== 'xml' ? Object.keys(knownBy.members) : [])))].map((name) => valueOf(root, name))
  const names = [...new Set(root.children.map(({ name }) => cut(name)))]
  const shown = names.length > mostNames ? [...names.slice(0, mostNames), '…'] : names
  return `${root.namespace === '' ? 'The JSON object' : `The document ${root.namespace}/${root.name}`} with ${[...asked, names.length === 0 ? 'no members' : `the members ${shown.join(', ')}`].join(', ')}`
}

/** What stands where the formats look: ` with IDOC/EDI_DC40/MESTYP WMMBXY`. */
const saidInside = (root: Node, formats: readonly Format[]): string => {
  const paths = [...new Set(formats.flatMap(({ knownBy, info }) => (info.syntax === 'xml' ? Object.keys(knownBy.members) : [])))]
  const said = paths.flatMap((path) => {
    const text = valueAt(root, path)
    return text === '' ? [] : [`${path} ${cut(text)}`]
  })
  return said.length === 0 ? '' : ` with ${said.join(', ')}`
}

/** What stands below a root that several formats share, as deep as they look. */
const holding = (root: Node, formats: readonly Format[]): string => {
  const asked = formats.filter(({ knownBy }) => knownBy.root?.name === root.name && knownBy.root.namespace === root.namespace).flatMap(({ knownBy }) => knownBy.paths)
  if (asked.length === 0) return ''
  const found = root.children.flatMap((child) => (child.children.length > 0 ? child.children.map(({ name }) => `${cut(child.name)}/${cut(name)}`) : [cut(child.name)]))
  const shown = [...new Set(found)]
  return shown.length === 0 ? '' : ` with ${shown.slice(-mostNames).join(', ')}`
}

const mostNames = 12
const mostLetters = 60
const mostOfNamespace = 200

const cut = (text: string, most = mostLetters): string => (text.length > most ? `${text.slice(0, most)}…` : text)

const valueOf = (root: Node, name: string): string => {
  const member = root.children.find((child) => child.name === name)
  if (member === undefined) return `no ${name}`
  return `${name} ${member.kind === 'string' ? JSON.stringify(cut(member.text)) : member.kind === 'object' || member.listed === true ? 'that is no text' : cut(member.text)}`
}

/** A good document on a wrong channel is what a new partner sends first. */
const elsewhere = (root: Node, others: readonly Format[]): string => {
  const found = others.filter(({ isRecognised }) => isRecognised(root)).map(({ info }) => info.id)
  return found.length === 0 ? '' : ` It is ${found.join(' and ')}: send it to a channel that takes that.`
}

/** The right name in a wrong namespace is seldom meant to be another document. */
const nearMiss = (root: Node, formats: readonly Format[]): string => {
  if (root.kind !== 'element') return ''
  const namespaces = new Set(formats.filter(({ knownBy }) => knownBy.root?.name === root.name && knownBy.root.namespace !== root.namespace).map(({ knownBy }) => knownBy.root?.namespace))
  return namespaces.size === 0 ? '' : ` ${root.name} is taken of the namespace ${[...namespaces].slice(0, mostNamed).join(' and ')}.`
}

/** How many formats are named; a channel may take dozens, and each part of a batch says it again. */
const mostNamed = 5

const takenInstead = (root: Node, formats: readonly Format[]): string => {
  if (formats.length <= mostNamed) return `Taken are: ${formats.map(signOf).join(', ')}.`
  const near = nearest(root, formats)
  const languages = [...new Set(formats.map(({ info }) => info.language))].join(' ')
  const all = `${formats.length} documents of ${languages.replaceAll(' ', ' and ')} are taken; \`npx chainhub format ${languages}\` lists them.`
  return near.length === 0 ? all : `The nearest are: ${near.map(signOf).join(', ')}. ${all}`
}

/** Those that have a word of their names in common with the document, or say the same in a place that tells them apart, the nearest first. */
const nearest = (root: Node, formats: readonly Format[]): readonly Format[] => {
  const places = new Set(formats.flatMap(({ knownBy }) => Object.keys(knownBy.members)))
  const said = new Map([...places].map((place) => [place, cut(valueAt(root, place))]))
  const own = new Set(wordsOf([cut(root.name), ...said.values()].join(' ')))
  const scored = formats.map((format) => ({ format, score: scoreOf(root, { own, said }, format) })).filter(({ score }) => score > 0)
  return scored.sort((a, b) => b.score - a.score).slice(0, mostNamed).map(({ format }) => format)
}

interface Signs {
  /** The words of its names. */
  readonly own: ReadonlySet<string>
  /** What stands in the places that formats are told apart by. */
  readonly said: ReadonlyMap<string, string>
}

/** The words of each format, which a batch of documents that nobody knows asks for thousands of times. */
const known = new WeakMap<Format, ReadonlySet<string>>()

const wordsOfFormat = (format: Format): ReadonlySet<string> => {
  const { info, knownBy } = format
  const words = known.get(format) ?? new Set(wordsOf([knownBy.root?.name ?? '', info.id.slice(info.language.length), ...Object.values(knownBy.members)].join(' ')))
  known.set(format, words)
  return words
}

const scoreOf = (root: Node, { own, said }: Signs, format: Format): number => {
  const { knownBy } = format
  const words = wordsOfFormat(format)
  const agreed = Object.entries(knownBy.members).filter(([path, value]) => said.get(path) === value).length
  const shared = [...words].filter((word) => own.has(word)).length
  return shared + shared / words.size + agreed * words.size + (knownBy.root?.name === root.name ? words.size : 0)
}

/** `PurchaseOrder`, `purchase_order` and `purchase-order` are the same two words. */
const wordsOf = (text: string): readonly string[] => (text.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\d+/gu) ?? []).map((word) => word.toLowerCase())

const valueAt = (root: Node, path: string): string =>
  path.split('/').reduce<Node | undefined>((node, name) => node?.children.find((child) => child.name === name), root)?.text.trim() ?? ''

/** `ubl/order (XML, root Order)`, `canonical/order (JSON, kind is order)` */
const signOf = ({ info: { id, syntax }, knownBy: { root, members, paths } }: Format): string => {
  const signs = [syntax.toUpperCase(), ...root === undefined ? [] : [`root ${root.name}`], ...paths.map((path) => `with ${path}`), ...Object.entries(members).map(([name, value]) => `${name} is ${value}`)]
  return `${id} (${signs.join(', ')})`
}
