import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { readCredentials } from '../../schemas/credentials.js'
import { ok, type Result } from '../../schemas/result.js'
import type { Access, Caller } from '../access/access.js'
import { checkStorable } from './check-storable.js'
import { isRawReply, type Operation } from './operation.js'
import { paceBody } from './pace-body.js'
import { sendFailure, textsOf } from './send-reply.js'

interface OperationDeps {
  readonly access: Access
  readonly log: Logger
}

/** Serves an operation: who may not is told so before anything of the request is read. */
export const mountOperation = (scope: FastifyInstance, deps: OperationDeps, operation: Operation): void => {
  const callers = new WeakMap<FastifyRequest, Caller>()
  scope.route({
    method: operation.method,
    url: operation.path,
    schema: {
      ...(operation.params === undefined ? {} : { params: operation.params }),
      ...(operation.query === undefined ? {} : { querystring: operation.query }),
      ...(operation.body === undefined ? {} : { body: operation.body }),
    },
    preParsing: (request, _reply, payload, done) => { done(null, payload instanceof Readable ? paceBody(payload, request.headers, () => true) : payload) },
    // Who may not gets no body read, and is told nothing of its form.
    onRequest: async (request, reply) => {
      const caller = await callerFor(deps, operation, request)
      if (!caller.ok) await sendFailure(deps, request, reply, caller)
      else if (caller.value !== undefined) callers.set(request, caller.value)
    },
    handler: async (request, reply) => {
      const answer = await answerTo(operation, request, callers.get(request))
      if (!answer.ok) return sendFailure(deps, request, reply, answer)
      if (!isRawReply(answer.value)) return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.value))
      const { raw, contentType } = answer.value
      const typed = reply.type(contentType).header('x-content-type-options', 'nosniff')
      return typeof raw === 'string' ? typed.send(raw) : raw instanceof Uint8Array ? typed.send(Buffer.from(raw)) : typed.send(Readable.from(raw))
    },
  })
}

const answerTo = async (operation: Operation, request: FastifyRequest, caller: Caller | undefined): Promise<Result<unknown>> => {
  const given = { params: textsOf(request.params), query: textsOf(request.query), body: request.body }
  const storable = checkStorable(given)
  return storable.ok ? operation.handle({ ...given, caller }) : storable
}

const callerFor = (deps: OperationDeps, operation: Operation, request: FastifyRequest): Promise<Result<Caller | undefined>> | Result<undefined> => {
  const credentials = readCredentials(request.headers.authorization)
  switch (operation.audience) {
    case 'anyone': return ok(undefined)
    case 'any-key': return deps.access.callerOf(credentials)
    case 'admin': return deps.access.authoriseAll(credentials)
    case 'process': return deps.access.authoriseProcess(credentials)
    default: return operation.audience satisfies never
  }
}
