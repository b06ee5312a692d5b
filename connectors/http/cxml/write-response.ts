import { errorEntry, type ErrorCode } from '../../../schemas/error-registry.js'
import type { Issue, MessageAnswer } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import type { Failure } from '../../../schemas/result.js'
import { xmlNamespace } from '../../../schemas/xml-names.js'
import { writeXml } from '../../../schemas/xml-writer.js'
import type { HttpReply } from '../../contract.js'

/** Of the reply, as cXML wants one: unlike any other's. */
export interface Reply {
  readonly payloadId: string
  readonly nowMs: number
}

const texts: Readonly<Record<string, string>> = {
  200: 'OK', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 406: 'Not Acceptable', 409: 'Conflict', 450: 'Not Implemented', 500: 'Internal Server Error', 560: 'Temporary server error',
}

/** By what the Status of cXML 1.2 means: 406 could not be parsed, 400 parsed and was refused, 450 is a request that is not served, 560 may be sent again. */
export const cxmlStatusOf = (code: ErrorCode): number => {
  const { status } = errorEntry(code)
  if (code === 'format-unknown') return 450
  if (unreadable.has(code)) return 406
  if (status === 401 || status === 403 || status === 409) return status
  if (status === 429 || status === 503 || status === 504) return 560
  return status >= 500 ? 500 : 400
}

const unreadable: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['xml-not-well-formed', 'xml-forbidden', 'syntax-unknown', 'message-empty', 'encoding-invalid', 'encoding-unknown', 'content-encoding-invalid', 'envelope-invalid', 'json-not-well-formed'])

/** The answer to a message as a cXML Response. HTTP says 200 whatever the Status says: the exchange itself went well. */
export const writeCxmlAnswer = (answer: MessageAnswer, reply: Reply): HttpReply => {
  const errors = answer.errors.filter(({ severity }) => severity !== 'warning')
  const [first] = errors
  if (answer.outcome !== 'rejected') return writeStatus(200, `${answer.outcome}: ${answer.messageId}`, reply)
  return writeStatus(first === undefined ? 400 : cxmlStatusOf(first.code), [`rejected: ${answer.messageId}`, ...errors.slice(0, mostErrors).map(lineOf)].join('\n'), reply)
}

export const writeCxmlFailure = (failure: Failure, reply: Reply): HttpReply => writeStatus(cxmlStatusOf(failure.code), lineOf(failure), reply)

/** What a ProfileRequest asks for (cXML 1.2, ProfileResponse): the transactions that are taken here, at this address. */
export const writeCxmlProfile = (requests: readonly string[], url: string, reply: Reply): HttpReply => {
  const transactions = [...requests, 'ProfileRequest'].map((requestName) => element('Transaction', { requestName }, [{ ...element('URL', {}, []), text: url }]))
  return write([status(200, '', 'OK'), element('ProfileResponse', { effectiveDate: stamp(reply.nowMs) }, transactions)], reply)
}

const mostErrors = 20

const lineOf = ({ code, at, detail }: Pick<Issue, 'code' | 'at' | 'detail'>): string => `${code} at ${at}: ${detail}`

/** With its zone, as cXML wants it. */
const stamp = (nowMs: number): string => `${new Date(nowMs).toISOString().slice(0, 19)}+00:00`

const element = (name: string, attributes: Readonly<Record<string, string>>, children: readonly Node[]): Node =>
  ({ name, namespace: '', attributes: Object.entries(attributes).map(([key, value]) => ({ name: key, namespace: '', value })), children: [...children], text: '', kind: 'element', line: 0, column: 0 })

const status = (code: number, detail: string, text = texts[String(code)] ?? 'Error'): Node => {
  const node = element('Status', { code: String(code), text }, [])
  return { ...node, attributes: [...node.attributes, { name: 'lang', namespace: xmlNamespace, value: 'en-US' }], text: detail }
}

const writeStatus = (code: number, detail: string, reply: Reply): HttpReply => write([status(code, detail)], reply)

const write = (children: readonly Node[], { payloadId, nowMs }: Reply): HttpReply => {
  const root = element('cXML', { payloadID: payloadId, timestamp: stamp(nowMs) }, [element('Response', {}, children)])
  const written = writeXml(root, { doctype: 'http://xml.cxml.org/schemas/cXML/1.2.060/cXML.dtd', indent: true })
  if (!written.ok) throw new Error(written.detail)
  return { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body: written.value }
}
