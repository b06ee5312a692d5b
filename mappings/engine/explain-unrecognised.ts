import type { Node } from '../../schemas/node.js'
import type { Format } from './format.js'

/** Says what a document that none of the `formats` that are taken recognises looks like, which of the `others` it is, and which documents are taken and what they are known by. */
export const explainUnrecognised = (root: Node, formats: readonly Format[], others: readonly Format[]): string =>
  `${describeRoot(root, formats)} is none of the documents that are taken here.${elsewhere(root, others)}${nearMiss(root, formats)} Taken are: ${formats.map(signOf).join(', ')}.`

/** What a document is, as its sender sees it, with the members that the formats go by. */
export const describeRoot = (root: Node, formats: readonly Format[]): string => {
  if (root.kind === 'element') return `The root element ${root.name} ${root.namespace === '' ? 'without a namespace' : `of the namespace ${root.namespace}`}${saidInside(root, formats) || holding(root, formats)}`
  if (root.kind !== 'object') return `The JSON ${root.kind}`
  const asked = [...new Set(formats.flatMap(({ knownBy, info }) => (info.syntax !== 'xml' ? Object.keys(knownBy.members) : [])))].map((name) => valueOf(root, name))
  const names = [...new Set(root.children.map(({ name }) => cut(name)))]
  const shown = names.length > mostNames ? [...names.slice(0, mostNames), '…'] : names
  return `${root.namespace === '' ? 'The JSON object' : `The table ${root.namespace}/${root.name}`} with ${[...asked, names.length === 0 ? 'no members' : `the members ${shown.join(', ')}`].join(', ')}`
}

/** What stands where the formats look: ` with IDOC/EDI_DC40/MESTYP WMMBXY`. */
const saidInside = (root: Node, formats: readonly Format[]): string => {
  const paths = [...new Set(formats.flatMap(({ knownBy, info }) => (info.syntax === 'xml' ? Object.keys(knownBy.members) : [])))]
  const said = paths.flatMap((path) => {
    const text = path.split('/').reduce<Node | undefined>((node, name) => node?.children.find((child) => child.name === name), root)?.text.trim() ?? ''
    return text === '' ? [] : [`${path} ${cut(text)}`]
  })
  return said.length === 0 ? '' : ` with ${said.join(', ')}`
}

/** What stands below a root that several formats share, as deep as they look. */
const holding = (root: Node, formats: readonly Format[]): string => {
  const asked = formats.filter(({ knownBy }) => knownBy.root?.name === root.name && knownBy.root.namespace === root.namespace).flatMap(({ knownBy }) => knownBy.paths)
  const found = root.children.flatMap((child) => (child.children.length > 0 ? child.children.map(({ name }) => `${cut(child.name)}/${cut(name)}`) : [cut(child.name)]))
  const shown = [...new Set(asked.length === 0 ? [] : found)]
  return shown.length === 0 ? '' : ` with ${shown.slice(-mostNames).join(', ')}`
}

const mostNames = 12
const mostLetters = 60

const cut = (text: string): string => (text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text)

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
  const namespaces = formats.filter(({ knownBy }) => knownBy.root?.name === root.name && knownBy.root.namespace !== root.namespace).map(({ knownBy }) => knownBy.root?.namespace)
  return namespaces.length === 0 ? '' : ` ${root.name} is taken of the namespace ${namespaces.join(' and ')}.`
}

/** `ubl/order (XML, root Order)`, `canonical/order (JSON, kind is order)` */
const signOf = ({ info: { id, syntax }, knownBy: { root, members, paths } }: Format): string => {
  const signs = [syntax.toUpperCase(), ...root === undefined ? [] : [`root ${root.name}`], ...paths.map((path) => `with ${path}`), ...Object.entries(members).map(([name, value]) => `${name} is ${value}`)]
  return `${id} (${signs.join(', ')})`
}
