import { isDigestOf, isRefusal, readDispositionNotification } from '../../schemas/disposition-notification.js'
import { fail, ok, type Result } from '../../schemas/result.js'

/** The id under which a delivery asks for a receipt: the same each time that it is sent. */
export const messageIdOf = (deliveryId: string): string => `<${deliveryId}@chainhub>`

/** Whether an answer is a report on what was sent, perhaps a signed one. */
export const isReport = (contentType: string): boolean => /^\s*multipart\/(?:report|signed)\b/i.test(contentType)

/**
 * Whether the answer is a receipt that says that the message was taken as it was sent (RFC 4130, section 7). Fails with answer-invalid where it is none, is another message's, or has a digest
 * of other bytes, and with partner-denied where it says that the message was not taken.
 */
export const checkReceipt = (answer: { readonly body: Uint8Array, readonly contentType: string }, sent: { readonly messageId: string, readonly body: Uint8Array }): Result<undefined> => {
  const read = readDispositionNotification(answer.body, answer.contentType)
  if (!read.ok) return read
  const { originalMessageId, disposition, modifier, mic, text } = read.value
  if (originalMessageId !== sent.messageId) return fail('answer-invalid', 'receipt', `The receipt is for the message ${originalMessageId.slice(0, 200)}, and not for ${sent.messageId}.`)
  if (isRefusal({ type: disposition, modifier })) {
    return fail('partner-denied', 'receipt', [`The receipt says ${disposition}${modifier === '' ? '' : `/${modifier}`}`, text].filter((part) => part !== '').join(': ').slice(0, 1_000))
  }
  return mic !== undefined && isDigestOf(sent.body, mic) === false
    ? fail('answer-invalid', 'receipt', `The digest of the receipt (Received-Content-MIC, ${mic.algorithm}) is not that of what was sent: it came to the partner altered.`)
    : ok(undefined)
}
