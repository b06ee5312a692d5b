import type { Node } from '../../schemas/node.js'
import type { Interchanges, Mailbox } from './endpoint.js'

interface Sending {
  /** 1, 2, 3, … for each partner. */
  readonly number: number
  readonly test: boolean
  /** When it is written, UTC. */
  readonly nowMs: number
}

/**
 * Puts what belongs to the sending on the envelope of a message of segments: control numbers of the interchange, the group and the message, which are one as each
 * interchange holds one message; who sends it to whom, where the endpoint says so; when; whether it is a test and whether an acknowledgement is asked for (ISO 9735-1, UNB; X12.5, ISA and GS).
 */
export const stampInterchange = (root: Node, { family, sender, receiver, acknowledgement }: Pick<Interchanges, 'family' | 'sender' | 'receiver' | 'acknowledgement'>, { number, test, nowMs }: Sending): Node => {
  const instant = new Date(nowMs).toISOString()
  const [day, time, control] = [instant.slice(0, 10).replaceAll('-', ''), instant.slice(11, 16).replace(':', ''), String(number)]
  if (family === 'edifact') {
    const unb = [
      ...mailboxOf('S002', '0004', sender), ...mailboxOf('S003', '0010', receiver), composite('S004', [leaf('0017', day.slice(2)), leaf('0019', time)]), leaf('0020', control),
      ...(acknowledgement ? [leaf('0031', '1')] : []), ...(test ? [leaf('0035', '1')] : []),
    ]
    return withSegment(withSegment(root, 'UNH', [leaf('0062', control)]), 'UNB', unb)
  }
  const isa = [
    ...envelopeMailbox(['ISA05', 'ISA06'], sender), ...envelopeMailbox(['ISA07', 'ISA08'], receiver), leaf('ISA09', day.slice(2)), leaf('ISA10', time), leaf('ISA13', control),
    leaf('ISA14', acknowledgement ? '1' : '0'), leaf('ISA15', test ? 'T' : 'P'),
  ]
  const whole = withSegment(root, 'ISA', isa)
  if (root.name === 'TA1') return whole
  const gs = [...(sender === undefined ? [] : [leaf('GS02', sender.id)]), ...(receiver === undefined ? [] : [leaf('GS03', receiver.id)]), leaf('GS04', day), leaf('GS05', time), leaf('GS06', control)]
  return withSegment(withSegment(whole, 'ST', [leaf('ST02', control.padStart(4, '0'))]), 'GS', gs)
}

const leaf = (name: string, text: string): Node => ({ name, namespace: '', attributes: [], children: [], text, kind: 'string', line: 0, column: 0 })

const composite = (name: string, children: readonly Node[]): Node => ({ ...leaf(name, ''), kind: 'object', children })

const mailboxOf = (name: string, id: string, mailbox: Mailbox | undefined): readonly Node[] =>
  (mailbox === undefined ? [] : [composite(name, [leaf(id, mailbox.id), ...(mailbox.qualifier === undefined ? [] : [leaf('0007', mailbox.qualifier)])])])

const envelopeMailbox = ([qualifier, id]: readonly [string, string], mailbox: Mailbox | undefined): readonly Node[] =>
  (mailbox === undefined ? [] : [leaf(qualifier, mailbox.qualifier ?? 'ZZ'), leaf(id, mailbox.id)])

/** The segment with these in the place of what it has of their names; it is made where there is none. */
const withSegment = (root: Node, name: string, members: readonly Node[]): Node => {
  const names = new Set(members.map((member) => member.name))
  const found = root.children.findIndex((child) => child.name === name)
  const before = root.children[found]
  const segment = before === undefined ? composite(name, members) : { ...before, children: [...before.children.filter((child) => !names.has(child.name)), ...members] }
  return { ...root, children: found < 0 ? [segment, ...root.children] : root.children.with(found, segment) }
}
