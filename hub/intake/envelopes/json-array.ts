import { fail, ok } from '../../../schemas/result.js'
import { bareHead, type OpenEnvelope } from './envelope.js'

/** An array at the root holds one document in each element. */
export const openJsonArray: OpenEnvelope = (root) => {
  if (root.kind !== 'array') return undefined
  if (root.children.length === 0) return fail('message-empty', `${root.line}:${root.column}`, 'The array has no elements.')
  return ok(root.children.map(({ name, namespace, attributes, children, text, kind, line, column }) => (
    { head: bareHead, root: ok({ name, namespace, attributes, children, text, kind, line, column }) })))
}
