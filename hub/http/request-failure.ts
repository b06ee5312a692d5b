import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { fail, type Failure } from '../../schemas/result.js'
import { sentenceOf } from '../../schemas/schema-sentence.js'
import { busyCode, lateCode } from './body-ends.js'

/** What a request is ended with that comes while the hub shuts down. */
export const closingWords = 'The hub is shutting down.'

/** What a request failed of, told to its sender; a fault of the hub is logged. */
export const failureOf = (error: unknown, request: FastifyRequest, deps: { readonly log: Logger, readonly maxBodyBytes: number }): Failure => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
  const text = error instanceof Error ? error.message : String(error)
  if (text === closingWords) return fail('shutting-down', 'hub', 'The hub is shutting down; send it again shortly.')
  if (code === 'FST_ERR_VALIDATION') return invalidRequest(error, text)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return fail('too-large', 'body', /^Without a key/.test(text) ? text : `The hub takes at most ${deps.maxBodyBytes} bytes.`)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return fail('media-type-unsupported', 'Content-Type', `${JSON.stringify(request.headers['content-type'] ?? '')} is not taken here; send application/json${request.url.startsWith('/in/') || request.url.startsWith('/soap/') ? ' or application/xml' : ''}.`)
  if (code === busyCode) return fail('busy', 'body', text)
  if (code === lateCode) return fail('request-timeout', 'body', text)
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return fail('request-invalid', 'body', `The body is ${code.includes('EMPTY') ? 'empty' : 'not well-formed JSON'}; send a JSON object as /docs describes it.`)
  if (typeof status === 'number' && status < 500) return fail('request-invalid', 'body', text)
  deps.log.error({ err: error, requestId: request.id, method: request.method, path: request.url.split('?', 1)[0] }, 'request failed')
  return isLostDatabase(code, text) ? fail('database-unavailable', request.id, 'A database does not answer; try again shortly.') : fail('internal', request.id, 'The fault is in the hub\'s log under this number.')
}

/** Connection errors of the operating system, PostgreSQL's classes 08 (connection) and 57P (shut down), and what node-postgres finds out itself, for which it has no codes. */
const isLostDatabase = (code: unknown, text: string): boolean =>
  typeof code === 'string' ? /^(ECONN|EPIPE|ETIMEDOUT|08|57P)/.test(code) : /^Connection terminated|is not queryable$|^timeout exceeded when trying to connect$/.test(text)

/** What fastify's validation found first: the query, a parameter or a member of the body. */
const invalidRequest = (error: unknown, text: string): Failure => {
  const { validation, validationContext } = error as { readonly validation?: readonly FoundByAjv[], readonly validationContext?: string }
  const first = validation?.[0]
  const context = validationContext === 'querystring' ? 'query' : validationContext ?? 'request'
  return first === undefined ? fail('request-invalid', context, text) : fail('request-invalid', `${context}${first.instancePath.replaceAll('/', '.')}`, sentenceOf(first, 'parameter'))
}

interface FoundByAjv {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}
