import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { HttpRoute } from '../../connectors/contract.js'
import { readCredentials } from '../../schemas/credentials.js'
import { fail, type Failure } from '../../schemas/result.js'
import type { Access } from '../access/access.js'
import { makeBrokenRequests } from './broken-requests.js'
import { descriptionPaths, mountDescription } from './mount-description.js'
import { makeHeldBytes } from './held-bytes.js'
import { mountOperation } from './mount-operation.js'
import { mountRoute, streaming, type Bodies } from './mount-route.js'
import { makeOpenBodies } from './open-bodies.js'
import type { Operation } from './operation.js'
import { closingWords, failureOf } from './request-failure.js'
import { pathOf, sendFailure } from './send-reply.js'
import { makeAllowedMethods } from './served-paths.js'
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
