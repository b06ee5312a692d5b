import type { Static } from '@sinclair/typebox'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { getMessageStatusSchema, messageAnswerSchema, pingSchema, submitDocumentSchema } from '../../schemas/wire/wire-schema.js'
import type { ConnectorHost } from '../contract.js'
import { readWait } from '../read-wait.js'
import { readAttachments } from './mtom/read-attachments.js'
import { readPayload } from './read-payload.js'
import { makeSoapOperation, type SoapCaller, type SoapOperation } from './soap-operation.js'

/** The operations of the port type Chainhub; the WSDL names the same. */
export const soapOperations = (host: ConnectorHost): readonly SoapOperation[] => [
  makeSoapOperation('SubmitDocument', submitDocumentSchema, messageAnswerSchema, (given, caller) => submitDocument(host, given, caller)),
  makeSoapOperation('GetMessageStatus', getMessageStatusSchema, messageAnswerSchema, ({ messageId }, { credentials }) => host.messageStatus(messageId, credentials)),
  makeSoapOperation('Ping', pingSchema, pingSchema, (given) => Promise.resolve(ok(given))),
]

const submitDocument = async (host: ConnectorHost, given: Static<typeof submitDocumentSchema>, { credentials, parts }: SoapCaller): Promise<Result<MessageAnswer>> => {
  const wait = readWait(given.wait, given.timeoutMs?.toString())
  if (!wait.ok) return { ...wait, at: `SubmitDocument.${wait.at}` }
  const payload = readPayload(given.document, parts, 'SubmitDocument.document')
  if (!payload.ok) return payload
  const attachments = readAttachments(given.attachment ?? [], parts, 'SubmitDocument.attachment')
  if (!attachments.ok) return attachments
  const [left] = parts.left()
  if (left !== undefined) return fail('request-invalid', 'body', `Nothing includes the part ${left}.`)
  return host.receive({
    ...payload.value,
    channel: given.channel,
    contentEncoding: undefined,
    idempotencyKey: given.idempotencyKey,
    wait: wait.value,
    credentials,
    ...(attachments.value.length === 0 ? {} : { attachments: attachments.value }),
  })
}
