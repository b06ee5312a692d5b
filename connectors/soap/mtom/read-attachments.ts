import type { Static } from '@sinclair/typebox'
import { decodeBase64 } from '../../../schemas/multipart.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import type { attachmentSchema } from '../../../schemas/wire/wire-schema.js'
import type { Attachment } from '../../contract.js'
import { includeOf, type MimeParts } from './mime-parts.js'

const mostAttachments = 64
const xmimeNamespace = 'http://www.w3.org/2005/05/xmlmime'

/** The files of a request, from Base64 or from the parts beside its envelope. Fails with request-invalid and limit-exceeded. */
export const readAttachments = (given: readonly Static<typeof attachmentSchema>[], parts: MimeParts, at: string): Result<readonly Attachment[]> => {
  if (given.length > mostAttachments) return fail('limit-exceeded', at, `There are more than ${mostAttachments} attachments; send them with several messages.`)
  const attachments: Attachment[] = []
  for (const [index, { name, contentType, content }] of given.entries()) {
    const read = readContent(content, parts, `${at}[${index}].content`)
    if (!read.ok) return read
    attachments.push({ name, contentType: contentType ?? read.value.contentType, bytes: read.value.bytes })
  }
  return ok(attachments)
}

type Content = Pick<Attachment, 'bytes' | 'contentType'>

const readContent = (content: Node, parts: MimeParts, at: string): Result<Content> => {
  const declared = content.attributes.find(({ name, namespace }) => name === 'contentType' && namespace === xmimeNamespace)?.value
  const include = includeOf(content)
  if (include !== undefined) {
    const part = parts.take(include, at)
    return part.ok ? ok({ bytes: part.value.bytes, contentType: declared ?? (part.value.contentType === '' ? undefined : part.value.contentType) }) : part
  }
  const bytes = content.children.length === 0 ? decodeBase64(content.text) : undefined
  return bytes === undefined ? fail('request-invalid', at, 'The element holds neither Base64 nor one xop:Include.') : ok({ bytes, contentType: declared })
}
