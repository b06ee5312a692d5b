import type { Node } from '../../../schemas/node.js'
import type { PartHead } from './envelope.js'

const child = (node: Node | undefined, name: string): Node | undefined => node?.children.find((one) => one.name === name && one.namespace === '')

const attribute = (node: Node | undefined, name: string): string | undefined => {
  const value = node?.attributes.find((one) => one.name === name && one.namespace === '')?.value.trim()
  return value === '' ? undefined : value
}

/** The first credential, as `DOMAIN:IDENTITY`. */
const identityOf = (side: Node | undefined): string | undefined => {
  const credential = child(side, 'Credential')
  const identity = child(credential, 'Identity')?.text.trim()
  return identity === undefined || identity === '' ? undefined : `${attribute(credential, 'domain') ?? ''}:${identity}`
}

/** What a cXML document says of its way (cXML 1.2, Header and payloadID); undefined for anything else. It stays in its envelope, which its map reads too. */
export const cxmlHeadOf = (root: Node): PartHead | undefined => {
  if (root.name !== 'cXML' || root.namespace !== '') return undefined
  const header = child(root, 'Header')
  const carried = child(root, 'Request') ?? child(root, 'Message')
  return {
    sender: identityOf(child(header, 'From')),
    receiver: identityOf(child(header, 'To')),
    controlNumber: attribute(root, 'payloadID'),
    test: attribute(carried, 'deploymentMode') === 'test',
    ackWanted: false,
  }
}
