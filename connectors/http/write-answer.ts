import { statusOfAnswer, type MessageAnswer } from '../../schemas/message-answer.js'
import { encodeWire } from '../../schemas/wire/encode-wire.js'
import { messageAnswerSchema, wireNamespace } from '../../schemas/wire/wire-schema.js'
import { writeXml } from '../../schemas/xml-writer.js'
import type { HttpReply } from '../contract.js'
import { chooseMediaType } from './choose-media-type.js'

/** The answer as JSON, or as XML with the same names where the caller's Accept prefers it. */
export const writeAnswer = (answer: MessageAnswer, accept: string | undefined): HttpReply => {
  const mediaType = chooseMediaType(accept, ['application/json', 'application/xml', 'text/xml'])
  const contentType = mediaType === 'application/json' ? mediaType : `${mediaType}; charset=utf-8`
  return {
    status: statusOfAnswer(answer),
    headers: { 'content-type': contentType, vary: 'Accept' },
    body: mediaType === 'application/json' ? JSON.stringify(answer) : xmlOf(answer),
  }
}

const prefixes = { [wireNamespace]: '' }

const xmlOf = (answer: MessageAnswer): string => {
  const written = writeXml(encodeWire(messageAnswerSchema, 'messageAnswer', answer), { prefixes })
  if (!written.ok) throw new Error(written.detail)
  return written.value
}
