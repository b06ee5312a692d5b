import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { HttpRequest, HttpRoute, HttpStream } from '../../connectors/contract.js'
import { readCredentials } from '../../schemas/credentials.js'
import type { Failure } from '../../schemas/result.js'
import type { Access } from '../access/access.js'
import type { Held, HeldBytes } from './held-bytes.js'
import type { OpenBodies } from './open-bodies.js'
import { paceBody } from './pace-body.js'
import { failureOf } from './request-failure.js'
import { send, textsOf } from './send-reply.js'
import { takeBody } from './take-body.js'

interface RouteDeps {
  readonly access: Access
  readonly log: Logger
  readonly maxBodyBytes: number
}

/** What is known of the bodies of requests. */
export interface Bodies {
  readonly open: OpenBodies
  readonly bytes: HeldBytes
  readonly held: WeakMap<FastifyRequest, Held>
}

/** How many bytes are read of a caller without a key; undefined means none. */
const openBytesOf = (route: HttpRoute, request: FastifyRequest): number | undefined => route.openBytes?.(textsOf(request.params)) ?? route.description.openBytes

/** Why a request is turned away before its body is read: strangers get no memory and no time of the hub. */
const refusedUnread = async (deps: RouteDeps, route: HttpRoute, request: FastifyRequest, reply: FastifyReply, bodies: Bodies): Promise<Failure | undefined> => {
  const { headers } = request
  if (!route.description.secured) return undefined
  const caller = await deps.access.callerOf(readCredentials(headers.authorization))
  if (caller.ok) return refusedForNow(route, request, reply, caller.value.keyId, bodies)
  const openBytes = openBytesOf(route, request)
  if (openBytes === undefined || caller.code !== 'credentials-missing') return caller
  // A body in chunks does not say how long it is; it is counted as it comes.
  const isSmall = headers['content-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= openBytes
  return isSmall ? refusedForNow(route, request, reply, stranger, bodies) : { ...caller, detail: `${caller.detail} Without it, ${openBytes} bytes are read, not compressed.` }
}

/** All callers who say in their messages who they are. */
const stranger = ''

/** Counts the body that is about to come; of one that is read in pieces, what is held of it at a time. */
const refusedForNow = (route: HttpRoute, request: FastifyRequest, reply: FastifyReply, caller: string, { bytes, held }: Bodies): Failure | undefined => {
  const declared = lengthOf(request) ?? 0
  const above = route.stream?.above({ params: textsOf(request.params) }) ?? Infinity
  const taken = bytes.take(caller, declared > above ? heldOfStream : declared)
  if (!taken.ok) return taken
  held.set(request, taken.value)
  reply.raw.once('close', taken.value.free)
  return undefined
}

const heldOfStream = 1024 * 1024

/** Another scheme than Bearer, or an empty header, is no key either. */
const showsNoKey = ({ headers }: FastifyRequest): boolean => readCredentials(headers.authorization).type === 'none'

/** A route whose body is read here up to the size of a giant, and by the route itself beyond. */
export const streaming = (deps: RouteDeps, route: HttpRoute, stream: HttpStream, bodies: Bodies) => (scope: FastifyInstance, _options: unknown, done: () => void): void => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request: FastifyRequest, payload: FastifyRequest['raw']) => takeBody(payload, request.headers, stream.above({ params: textsOf(request.params) }), growOf(bodies, request)))
  mountRoute(scope, deps, route, bodies)
  done()
}

const growOf = ({ held }: Bodies, request: FastifyRequest) => (more: number): boolean => held.get(request)?.grow(more) ?? true

/** Serves a connector's route: strangers and those who send too much are turned away before the body is read. */
export const mountRoute = (scope: FastifyInstance, deps: RouteDeps, route: HttpRoute, bodies: Bodies): void => {
  scope.route({
    method: route.method,
    url: route.path,
    onRequest: async (request, reply) => {
      const refused = await refusedUnread(deps, route, request, reply, bodies)
      if (refused !== undefined) await send(reply, route.refuse(refused, { headers: textsOf(request.headers), requestId: request.id }))
    },
    preParsing: (request, _reply, payload, done) => {
      if (!(payload instanceof Readable)) done(null, payload)
      else if (route.description.secured && showsNoKey(request)) done(null, bodies.open(payload, openBytesOf(route, request) ?? 0, lengthOf(request)))
      // The others are read by takeBody, which sees to their pace.
      else done(null, route.stream === undefined ? paceBody(payload, request.headers, growOf(bodies, request)) : payload)
    },
    errorHandler: (error, request, reply) => {
      const failure = failureOf(error, request, deps)
      // The rest of it may never come.
      if (failure.code === 'request-timeout') void reply.header('connection', 'close')
      void send(reply, route.refuse(failure, { headers: textsOf(request.headers), requestId: request.id }))
    },
    handler: async (request, reply) => {
      const { body } = request
      if (route.stream === undefined || !isStream(body)) return send(reply, await route.handle(requestOf(request, body instanceof Uint8Array ? body : new Uint8Array())))
      const answer = await route.stream.handle({ ...requestOf(request, body), contentLength: lengthOf(request) })
      // What was not read is thrown away, so that the sender comes to read the answer.
      request.raw.resume()
      // But one who is too slow is not waited for.
      return send(answer.status === 408 ? reply.header('connection', 'close') : reply, answer)
    },
  })
}

const requestOf = <B>(request: FastifyRequest, body: B): Omit<HttpRequest, 'body'> & { readonly body: B } => ({
  params: textsOf(request.params),
  query: textsOf(request.query),
  headers: textsOf(request.headers),
  baseUrl: `${request.protocol}://${request.host}`,
  requestId: request.id,
  body,
})

const lengthOf = ({ headers: { 'content-length': length } }: FastifyRequest): number | undefined => (length === undefined ? undefined : Number(length))

const isStream = (body: unknown): body is AsyncIterable<Uint8Array> => typeof body === 'object' && body !== null && Symbol.asyncIterator in body
