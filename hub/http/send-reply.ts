import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { HttpReply } from '../../connectors/contract.js'
import { problemReply } from '../../schemas/problem.js'
import type { Failure } from '../../schemas/result.js'

/** Answers by a problem; what is the hub's own fault is logged under the number of the request. */
export const sendFailure = (deps: { readonly log: Logger }, request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply => {
  const problem = problemReply(failure, request.id)
  if (problem.status >= 500) deps.log.error({ code: failure.code, at: failure.at, requestId: request.id }, failure.detail)
  return send(reply, problem)
}

export const send = (reply: FastifyReply, { status, headers, body }: HttpReply): FastifyReply => reply.code(status).headers(headers).send(body)

export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/'

/** Parameters of a path or query as text; of a repeated one the first. */
export const textsOf = (values: unknown): Readonly<Record<string, string>> => {
  if (typeof values !== 'object' || values === null) return {}
  if (isTexts(values)) return values
  const texts: Record<string, string> = {}
  for (const name of Object.keys(values)) {
    const value: unknown = Reflect.get(values, name)
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') texts[name] = first
  }
  return texts
}

/** Most requests have nothing else, and to copy all their headers takes longer than to look at them. */
const isTexts = (values: object): values is Readonly<Record<string, string>> => {
  for (const name in values) if (typeof Reflect.get(values, name) !== 'string') return false
  return true
}
