import type { Node } from '../../schemas/node.js'

interface Stamped {
  readonly root: Node
  /** As it stands in the document; the delivery's id where the format has no place for one. */
  readonly controlNumber: string
}

/**
 * Puts the number of a delivery where its format has the number of a message: SAP's EDI_DC40/DOCNUM (16 digits), cXML's payloadID (cXML 1.2, section on the
 * envelope: unlike any other's), the MessageHeader/ID of S/4. Drawn once for each delivery, so that a repeat bears the same.
 */
export const stampControlNumber = (root: Node, control: number, deliveryId: string): Stamped => {
  if (root.name === 'cXML' && root.namespace === '') {
    const controlNumber = `${control}.${deliveryId}@chainhub`
    return { root: withAttribute(root, 'payloadID', controlNumber), controlNumber }
  }
  if (root.children[0]?.name === 'IDOC' && root.children[0].namespace === '') {
    const controlNumber = String(control).padStart(16, '0')
    return { root: { ...root, children: root.children.map((idoc) => within(idoc, 'EDI_DC40', (record) => withText(record, 'DOCNUM', controlNumber, ['TABNAM', 'MANDT']))) }, controlNumber }
  }
  if (root.namespace === s4Namespace) {
    const controlNumber = deliveryId.replaceAll('-', '').toUpperCase()
    const others = root.children.filter(({ name }) => name !== 'MessageHeader')
    const header = root.children.find(({ name }) => name === 'MessageHeader') ?? elementOf('MessageHeader', '')
    return { root: { ...root, children: [withText(header, 'ID', controlNumber, []), ...others] }, controlNumber }
  }
  return { root, controlNumber: deliveryId }
}

const s4Namespace = 'http://sap.com/xi/EDI'

const elementOf = (name: string, text: string): Node => ({ name, namespace: '', attributes: [], children: [], text, kind: 'element', line: 0, column: 0 })

const withAttribute = (node: Node, name: string, value: string): Node =>
  ({ ...node, attributes: [{ name, namespace: '', value }, ...node.attributes.filter((one) => one.name !== name || one.namespace !== '')] })

const within = (node: Node, name: string, change: (child: Node) => Node): Node => ({ ...node, children: node.children.map((child) => (child.name === name ? change(child) : child)) })

/** A child of this text, in the place of the one that is there, else behind those that come before it. */
const withText = (node: Node, name: string, text: string, before: readonly string[]): Node => {
  const child = elementOf(name, text)
  const found = node.children.findIndex((one) => one.name === name)
  if (found >= 0) return { ...node, children: node.children.with(found, child) }
  const behind = node.children.filter((one) => before.includes(one.name)).length
  return { ...node, children: [...node.children.slice(0, behind), child, ...node.children.slice(behind)] }
}
