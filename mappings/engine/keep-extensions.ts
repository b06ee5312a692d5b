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

const keep = (run: Run, node: Node, path: string, value: string): void => {
  const { shape, kept } = run
  if (kept.length === most.items) {
    stop(run, { code: 'limit-exceeded', at: `${node.line}:${node.column} ${path}`, detail: `The document says more than ${most.items} things that the map ${shape.id} does not know; no more are kept with it.` })
  }
  kept.push({ extension: { format: shape.language, path, value }, node })
}
