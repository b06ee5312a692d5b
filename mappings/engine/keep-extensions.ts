import { createHash } from 'node:crypto'
import { most } from '../../schemas/canonical/common.js'
import type { Node } from '../../schemas/node.js'
import { ownText, placeBelow, stop, type Place, type Run } from './reading-run.js'
import { pathOf } from './source-place.js'

/** Keeps a node that no rule takes, with all below it. */
export const keepAll = (run: Run, place: Place): void => {
  const { node } = place
  if (run.shape.secret.has(node.name)) return
  const before = run.kept.length
  for (const attribute of node.attributes) keepAttribute(run, place, attribute)
  keepText(run, place)
  // Of another language nobody here can say that an empty element means nothing.
  if (run.kept.length === before && node.kind === 'element' && node.children.length === 0 && node.namespace !== '' && !run.shape.ownNamespaces.has(node.namespace)) keep(run, node, pathOf(place, run.shape), '')
  for (const [index, child] of node.children.entries()) keepAll(run, placeBelow(place, child, index))
}

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

export const keepAttribute = (run: Run, place: Place, { name, namespace, value }: Node['attributes'][number]): void => {
  const { secret, ignoredAttributes, prefixOf } = run.shape
  if (value === '' || namespace === schemaInstance || (secret.size > 0 && secret.has(`@${name}`)) || (namespace === '' && ignoredAttributes.has(name))) return
  keep(run, place.node, `${pathOf(place, run.shape)}/@${namespace === '' ? '' : prefixOf(namespace)}${name}`, value)
}

/** Keeps the text that stands directly in a node. A value that is no text says so behind its path, so that writing gives the same kind back: `weight#number`. */
export const keepText = (run: Run, place: Place): void => {
  const { node } = place
  const text = ownText(node)
  if (text === '' || run.shape.secret.has(node.name)) return
  const path = pathOf(place, run.shape)
  if (run.shape.binary.has(node.name)) keep(run, node, `${path}#sha256`, createHash('sha256').update(Buffer.from(text, 'base64')).digest('hex'))
  else keep(run, node, node.kind === 'number' || node.kind === 'boolean' ? `${path}#${node.kind}` : path, text)
}

/** Of one extension, as the canonical schema has it, and of all of a document: a few long names around many texts would make much of little. */
const mostPathCharacters = { one: 2000, all: 4_000_000 } as const
const shownOfPath = 200

const keep = (run: Run, node: Node, path: string, value: string): void => {
  const { shape, kept } = run
  const excess = kept.length === most.items ? `The document says more than ${most.items} things that the map ${shape.id} does not know; no more are kept with it.`
    : path.length > mostPathCharacters.one ? `The map ${shape.id} does not know what stands here, and the names around it have more than ${mostPathCharacters.one} characters, under which nothing is kept.`
    : run.keptPaths + path.length > mostPathCharacters.all ? `The document says much that the map ${shape.id} does not know, and the names around it have more than ${mostPathCharacters.all} characters in all; no more is kept with it.`
    : undefined
  if (excess !== undefined) stop(run, { code: 'limit-exceeded', at: `${node.line}:${node.column} ${path.slice(0, shownOfPath)}`, detail: excess })
  run.keptPaths += path.length
  kept.push({ extension: { format: shape.language, path, value }, node })
}

/** Forgets what was kept behind the first so many. */
export const forgetKept = (run: Run, first: number): void => {
  for (const { extension } of run.kept.splice(first)) run.keptPaths -= extension.path.length
}
