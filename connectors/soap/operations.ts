import type { Static } from '@sinclair/typebox'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { ok, type Result } from '../../schemas/result.js'
import { getMessageStatusSchema, messageAnswerSchema, pingSchema, submitDocumentSchema } from '../../schemas/wire/wire-schema.js'
import type { Credentials } from '../../schemas/credentials.js'
import type { ConnectorHost } from '../contract.js'
import { readWait } from '../read-wait.js'
import { readPayload } from './read-payload.js'
import { makeSoapOperation, type SoapOperation } from './soap-operation.js'

/** The operations of the port type Chainhub; the WSDL names the same. */
export const soapOperations = (host: ConnectorHost): readonly SoapOperation[] => [
  makeSoapOperation('SubmitDocument', submitDocumentSchema, messageAnswerSchema, (given, credentials) => submitDocument(host, given, credentials)),
  makeSoapOperation('GetMessageStatus', getMessageStatusSchema, messageAnswerSchema, ({ messageId }, credentials) => host.messageStatus(messageId, credentials)),
  makeSoapOperation('Ping', pingSchema, pingSchema, (given) => Promise.resolve(ok(given))),
]

const submitDocument = async (host: ConnectorHost, given: Static<typeof submitDocumentSchema>, credentials: Credentials): Promise<Result<MessageAnswer>> => {
  const wait = readWait(given.wait, given.timeoutMs?.toString())
  if (!wait.ok) return { ...wait, at: `SubmitDocument.${wait.at}` }
  const payload = readPayload(given.document, 'SubmitDocument.document')
  if (!payload.ok) return payload
  return host.receive({
    ...payload.value,
    channel: given.channel,
    contentEncoding: undefined,
    idempotencyKey: given.idempotencyKey,
    wait: wait.value,
    credentials,
  })
}
