import { isRefusal, readDisposition, readNotificationFields } from '../../../schemas/disposition-notification.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'

/** Whether a content type says that the body is a report on a message (RFC 6522), perhaps a signed one. */
export const isReport = (contentType: string): boolean => /^\s*multipart\/(?:report|signed)\s*;/i.test(contentType)

const namespace = 'urn:chainhub:mdn'

/** An element of a field; names of RFC 5322 that XML does not have say nothing that is used. */
const nameForm = /^[A-Za-z][A-Za-z0-9.-]{0,99}$/

/**
 * The receipt for a message (RFC 8098; RFC 4130, section 7) as a tree of its fields, each at its line. What it says to people is a part of it where it refuses: of a yes it is another text each time that it
 * is said. A receipt has no day of its own: it is of the one that it came on. Fails with envelope-invalid where the report is none.
 */
export const openReceipt = (bytes: Uint8Array, contentType: string, receivedAt: string | undefined): Result<Node> => {
  const read = readNotificationFields(bytes, contentType)
  if (read === undefined) return fail('envelope-invalid', 'body', 'The report has no part message/disposition-notification: of reports only receipts are read.')
  const fields = [...read.fields.values()].filter(({ name }) => nameForm.test(name))
  const words = read.text !== '' && isRefusal(readDisposition(read.fields.get('disposition')?.value ?? '')) ? [leaf('Text', read.text, 1)] : []
  const arrived = receivedAt === undefined ? [] : [leaf('Received-On', receivedAt.slice(0, 10), 1)]
  return ok({ ...leaf('Notification', '', fields[0]?.line ?? 1), children: [...fields.map(({ name, value, line }) => leaf(canonicalName(name), value, line)), ...arrived, ...words] })
}

const leaf = (name: string, text: string, line: number): Node => ({ name, namespace, attributes: [], children: [], text, kind: 'element', line, column: 1 })

/** The case of a field's name means nothing. */
const canonicalName = (name: string): string => known.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name

const known = ['Original-Message-ID', 'Disposition', 'Received-Content-MIC', 'Final-Recipient', 'Original-Recipient', 'Reporting-UA', 'MDN-Gateway', 'Failure', 'Error', 'Warning'] as const
