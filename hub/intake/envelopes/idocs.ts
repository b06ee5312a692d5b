import type { Node } from '../../../schemas/node.js'
import { ok } from '../../../schemas/result.js'
import type { OpenEnvelope, PartHead } from './envelope.js'

const child = (node: Node | undefined, name: string): Node | undefined => node?.children.find((one) => one.name === name && one.namespace === '')

const textOf = (control: Node | undefined, name: string): string | undefined => {
  const text = child(control, name)?.text.trim()
  return text === '' ? undefined : text
}

/**
 * A file of SAP IDocs, whatever its root is named: each IDOC is a document of its own, in a root like the file's. The control record EDI_DC40 says its number,
 * its partners and whether it is a test.
 */
export const openIdocs: OpenEnvelope = (root) => {
  const { name, namespace, attributes, children, kind, line, column } = root
  if (kind !== 'element' || children.length === 0 || children.some((one) => one.name !== 'IDOC' || one.namespace !== '')) return undefined
  // A root of its own for each: what was cut out of a giant is a whole document here.
  return ok(children.map((idoc) => ({ head: headOf(child(idoc, 'EDI_DC40')), root: ok({ name, namespace, attributes, children: [idoc], text: '', kind, line, column }), whole: true })))
}

const headOf = (control: Node | undefined): PartHead => ({
  sender: textOf(control, 'SNDPRN'),
  receiver: textOf(control, 'RCVPRN'),
  controlNumber: textOf(control, 'DOCNUM'),
  test: textOf(control, 'TEST') !== undefined,
  ackWanted: false,
})
