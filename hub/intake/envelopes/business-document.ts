import type { Node } from '../../../schemas/node.js'
import { fail, ok } from '../../../schemas/result.js'
import type { OpenEnvelope } from './envelope.js'

const namespace = 'http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader'

const child = (node: Node | undefined, name: string): Node | undefined => node?.children.find((one) => one.name === name && one.namespace === namespace)

const textOf = (node: Node | undefined): string | undefined => {
  const text = node?.text.trim()
  return text === '' ? undefined : text
}

/** A StandardBusinessDocument (UN/CEFACT SBDH 1.3): its header names sender, receiver and instance; each element behind the header is a document. */
export const openBusinessDocument: OpenEnvelope = (root) => {
  if (root.name !== 'StandardBusinessDocument' || root.namespace !== namespace) return undefined
  const header = child(root, 'StandardBusinessDocumentHeader')
  const documents = root.children.filter((one) => one !== header)
  if (header === undefined || documents.length === 0) {
    return fail('envelope-invalid', `${root.line}:${root.column}`, `The StandardBusinessDocument has no ${header === undefined ? 'header' : 'document behind its header'}.`)
  }
  const head = {
    sender: textOf(child(child(header, 'Sender'), 'Identifier')),
    receiver: textOf(child(child(header, 'Receiver'), 'Identifier')),
    controlNumber: textOf(child(child(header, 'DocumentIdentification'), 'InstanceIdentifier')),
    test: false,
    ackWanted: false,
  }
  return ok(documents.map((document) => ({ head, root: ok(document) })))
}
