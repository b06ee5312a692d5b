import { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { HttpReply, HttpRequest, HttpRoute, HttpStream } from '../../connectors/contract.js'
import { readCredentials } from '../../schemas/credentials.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { sentenceOf } from '../../schemas/schema-sentence.js'
import { problemReply } from '../../schemas/problem.js'
import type { Access, Caller } from '../access/access.js'
import { makeBrokenRequests } from './broken-requests.js'
import { checkStorable } from './check-storable.js'
import { descriptionPaths, mountDescription } from './mount-description.js'
import { busyCode, lateCode } from './body-ends.js'
import { makeHeldBytes, type Held, type HeldBytes } from './held-bytes.js'
import { makeOpenBodies, type OpenBodies } from './open-bodies.js'
import { isRawReply, type Operation } from './operation.js'
import { makeAllowedMethods } from './served-paths.js'
import { paceBody } from './pace-body.js'
import { takeBody } from './take-body.js'
import { makeLazyValidators } from './validate-lazily.js'

export interface HttpDeps {
  readonly host: string
  readonly port: number
  readonly version: string
  readonly maxBodyBytes: number
  /** What the bodies that are coming in or wait for their answer may take together. */
  readonly maxHeldBytes: number
  readonly log: Logger
  readonly access: Access
  readonly operations: readonly Operation[]
  readonly connectorRoutes: readonly HttpRoute[]
  /** Others than those that the hub has. */
  readonly timeouts?: HttpTimeouts
}

/** How long a request may take to come, in ms. */
interface HttpTimeouts {
  readonly headersMs: number
  /** With its body: a giant may take its time on a slow line. Of a body of which nothing comes any more, takeBody tells sooner. */
  readonly requestMs: number
  /** How often requests are held against both. */
  readonly checkMs: number
}

const defaultTimeouts: HttpTimeouts = { headersMs: 60_000, requestMs: 900_000, checkMs: 10_000 }

export interface HttpServer {
  readonly url: string
  /** Takes no new connection, lets running requests finish. */
  readonly close: () => Promise<void>
}

/** Serves the operations, the connectors' routes and their description on one port of `host`. Rejects when the port is taken. */
export const startHttp = async (deps: HttpDeps): Promise<HttpServer> => {
  const timeouts = deps.timeouts ?? defaultTimeouts
  const broken = makeBrokenRequests()
  const app = fastify({
    logger: false,
    bodyLimit: deps.maxBodyBytes,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength },
    // Node would answer a missing Host without a body; the hook below does.
    http: { requireHostHeader: false, headersTimeout: timeouts.headersMs, connectionsCheckingInterval: timeouts.checkMs },
    clientErrorHandler: broken.onClientError,
    frameworkErrors: (error, request, reply) => { sendFailure(deps, request, reply, unroutable(error, request)) },
  })
  broken.watch(app.server)
  let closing = false
  const bodies: Bodies = { open: makeOpenBodies(), bytes: makeHeldBytes(deps.maxHeldBytes), held: new WeakMap() }
  const allowedMethods = makeAllowedMethods([...deps.operations, ...deps.connectorRoutes, ...descriptionPaths])
  app.setValidatorCompiler(makeLazyValidators())
  app.addHook('onRequest', (request, reply, done) => {
    if (closing) done(new Error(closingWords))
    else if (!namesOneHost(request)) sendFailure(deps, request, reply, fail('request-invalid', 'Host', 'A request of HTTP/1.1 has one header Host (RFC 9112, section 3.2); send it once.'))
    // Before the body: what nothing answers is not read either.
    else if (request.is404) refuseRoute(deps, request, reply, allowedMethods(pathOf(request))).catch(done)
    else done()
  })
  app.setErrorHandler(async (error, request, reply) => sendFailure(deps, request, reply, failureOf(error, request, deps)))
  app.setNotFoundHandler((request, reply) => refuseRoute(deps, request, reply, allowedMethods(pathOf(request))))
  await app.register((scope, _options, done) => {
    for (const operation of deps.operations) mountOperation(scope, deps, operation)
    done()
  })
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => { parsed(null, body) })
    for (const route of deps.connectorRoutes) if (route.stream === undefined) mountRoute(scope, deps, route, bodies)
    done()
  })
  for (const route of deps.connectorRoutes) if (route.stream !== undefined) await app.register(streaming(deps, route, route.stream, bodies))
  mountDescription(app, deps)
  await app.listen({ host: deps.host, port: deps.port })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : deps.port
  return { url: `http://${deps.host.includes(':') ? `[${deps.host}]` : deps.host}:${port}`, close: () => { closing = true; return app.close() } }
}

/** What is known of the bodies of requests. */
interface Bodies {
  readonly open: OpenBodies
  readonly bytes: HeldBytes
  readonly held: WeakMap<FastifyRequest, Held>
}

const closingWords = 'The hub is shutting down.'
const maxParamLength = 2000

const namesOneHost = ({ raw }: FastifyRequest): boolean => {
  let hosts = 0
  const { rawHeaders } = raw
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts === 1 || (hosts === 0 && raw.httpVersion === '1.0')
}

/** What the router cannot look up at all. */
const unroutable = ({ code }: { readonly code: string }, request: FastifyRequest): Failure =>
  code === 'FST_ERR_MAX_PARAM_LENGTH'
    ? fail('address-too-long', 'path', `A part of the path has more than ${maxParamLength} characters; /docs lists the addresses.`)
    : fail('request-invalid', 'path', `The path ${JSON.stringify(pathOf(request).slice(0, shownPath))} is not well-formed: each % begins two hex digits, and together they are UTF-8.`)

const shownPath = 200

const mountOperation = (scope: FastifyInstance, deps: HttpDeps, operation: Operation): void => {
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

const callerFor = (deps: HttpDeps, operation: Operation, request: FastifyRequest): Promise<Result<Caller | undefined>> | Result<undefined> => {
  const credentials = readCredentials(request.headers.authorization)
  switch (operation.audience) {
    case 'anyone': return ok(undefined)
    case 'any-key': return deps.access.callerOf(credentials)
    case 'admin': return deps.access.authoriseAll(credentials)
    case 'process': return deps.access.authoriseProcess(credentials)
    default: return operation.audience satisfies never
  }
}

/** Parameters of a path or query as text; of a repeated one the first. */
const textsOf = (values: unknown): Readonly<Record<string, string>> => {
  if (typeof values !== 'object' || values === null) return {}
  const texts: Record<string, string> = {}
  for (const name of Object.keys(values)) {
    const value: unknown = Reflect.get(values, name)
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') texts[name] = first
  }
  return texts
}

/** How many bytes are read of a caller without a key; undefined means none. */
const openBytesOf = (route: HttpRoute, request: FastifyRequest): number | undefined => route.openBytes?.(textsOf(request.params)) ?? route.description.openBytes

/** Why a request is turned away before its body is read: strangers get no memory and no time of the hub. */
const refusedUnread = async (deps: HttpDeps, route: HttpRoute, request: FastifyRequest, reply: FastifyReply, bodies: Bodies): Promise<Failure | undefined> => {
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
const streaming = (deps: HttpDeps, route: HttpRoute, stream: HttpStream, bodies: Bodies) => (scope: FastifyInstance, _options: unknown, done: () => void): void => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request: FastifyRequest, payload: FastifyRequest['raw']) => takeBody(payload, request.headers, stream.above({ params: textsOf(request.params) }), growOf(bodies, request)))
  mountRoute(scope, deps, route, bodies)
  done()
}

const growOf = ({ held }: Bodies, request: FastifyRequest) => (more: number): boolean => held.get(request)?.grow(more) ?? true

const mountRoute = (scope: FastifyInstance, deps: HttpDeps, route: HttpRoute, bodies: Bodies): void => {
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

const sendFailure = (deps: HttpDeps, request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply => {
  const problem = problemReply(failure, request.id)
  if (problem.status >= 500) deps.log.error({ code: failure.code, at: failure.at, requestId: request.id }, failure.detail)
  return send(reply, problem)
}

const send = (reply: FastifyReply, { status, headers, body }: HttpReply): FastifyReply => reply.code(status).headers(headers).send(body)

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/'

/** What answers under this address takes other methods, which `allowed` lists and OPTIONS asks for; or nothing does, of which a stranger learns no more than of what needs a key. */
const refuseRoute = async (deps: HttpDeps, request: FastifyRequest, reply: FastifyReply, allowed: string | undefined): Promise<FastifyReply> => {
  const path = pathOf(request)
  if (allowed !== undefined) {
    void reply.header('allow', allowed)
    return request.method === 'OPTIONS' ? reply.code(204).send() : sendFailure(deps, request, reply, fail('method-not-allowed', path, `${path} takes ${allowed}, and not ${request.method}.`))
  }
  const caller = await deps.access.callerOf(readCredentials(request.headers.authorization))
  const isTold = caller.ok || request.method === 'GET' || request.method === 'HEAD'
  return sendFailure(deps, request, reply, isTold ? fail('not-found', path, `Nothing answers ${request.method} ${path}; /docs lists what does.`) : caller)
}

const failureOf = (error: unknown, request: FastifyRequest, deps: HttpDeps): Failure => {
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
