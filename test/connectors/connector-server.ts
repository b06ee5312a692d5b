import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { ConnectorHost, HttpRoute, Received } from '../../connectors/contract.js'
import { findConnectors } from '../../connectors/registry.js'
import type { Credentials, MessageSecurity } from '../../schemas/credentials.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import type { DocumentId, MessageId, ThreadId } from '../../schemas/ids.js'

const uuid = (last: number): string => `00000000-0000-8000-8000-${String(last).padStart(12, '0')}`

/** An answer that uses every member there is. */
export const fullAnswer: MessageAnswer = {
  messageId: uuid(1) as MessageId,
  outcome: 'partial',
  documents: [
    { kind: 'order', id: uuid(2) as DocumentId, number: '000045', revision: 1, threadIds: [uuid(3) as ThreadId, uuid(4) as ThreadId] },
    { kind: 'invoice', id: uuid(5) as DocumentId, number: '订单<7>&', revision: 12, threadIds: [], duplicate: true },
  ],
  parts: [
    { part: 1, outcome: 'accepted', documents: [{ kind: 'order', id: uuid(2) as DocumentId, number: '000045', revision: 1, threadIds: [] }], errors: [] },
    { part: 2, outcome: 'rejected', documents: [], errors: [{ code: 'field-missing', at: 'lines[2].quantity', detail: 'The quantity is missing.' }] },
  ],
  journalSeq: 9_007_199_254_740_991,
  passed: { warehouse: 41, crm: 42 },
  errors: [{ code: 'total-mismatch', at: 'total', detail: 'A total "is" off by <0.01> & more.', severity: 'warning' }],
}

export interface ConnectorServer {
  readonly url: string
  /** What the hub would have been given by whom it knows, in order. */
  readonly received: readonly Received[]
  /** What the hub answers from now on, to everything. */
  readonly answerWith: (answer: Result<MessageAnswer>) => void
  readonly close: () => Promise<void>
}

export const acceptedAnswer: MessageAnswer = { messageId: uuid(1) as MessageId, outcome: 'accepted', documents: [], journalSeq: 7, errors: [] }

const refuseSecurity = (): Promise<Result<unknown>> => Promise.resolve(fail('credentials-invalid', 'Envelope.Header.Security', 'Nobody is known here.'))

/**
 * Serves every connector on 127.0.0.1 before a hub that records what it is given and asks for the key `secret`, or for what
 * `messageSecurity` takes.
 */
export const startConnectorServer = async (messageSecurity: (security: MessageSecurity) => Promise<Result<unknown>> = refuseSecurity): Promise<ConnectorServer> => {
  const received: Received[] = []
  let next: Result<MessageAnswer> = ok(acceptedAnswer)
  const seen = new WeakMap<MessageSecurity, Promise<Result<unknown>>>()
  const authenticate = async (credentials: Credentials): Promise<Result<unknown>> => {
    switch (credentials.type) {
      case 'none': return fail('credentials-missing', 'Authorization', 'Send a key.')
      case 'bearer': return credentials.token === 'secret' ? ok(credentials) : fail('credentials-invalid', 'Authorization', 'Nobody has this key.')
      case 'header-secret': return fail('credentials-invalid', 'Header.Sender.Credential', 'Nobody is known here.')
      case 'message-security': {
        const checked = seen.get(credentials) ?? messageSecurity(credentials)
        seen.set(credentials, checked)
        return checked
      }
      default: return credentials satisfies never
    }
  }
  const answerTo = async (credentials: Credentials): Promise<Result<MessageAnswer>> => {
    const known = await authenticate(credentials)
    return known.ok ? next : known
  }
  const host: ConnectorHost = {
    receive: async (message) => {
      const known = await authenticate(message.credentials)
      if (!known.ok) return known
      received.push(message)
      return next
    },
    messageStatus: (messageId, credentials) =>
      messageId === 'none' ? Promise.resolve(fail('not-found', 'messageId', 'There is no such message.')) : answerTo(credentials),
    authenticate,
    openBytes: 65_536,
    channelForm: () => undefined,
    nowMs: () => 0,
    maxBodyBytes: 1_000_000,
  }
  const routes = (await findConnectors()).flatMap((connector) => connector.routes(host))
  const server = createServer((request, response) => { void serve(routes, request, response) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answerWith: (answer) => { next = answer },
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => { resolve() })
    }),
  }
}

const serve = async (routes: readonly HttpRoute[], request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? ''}`)
  for (const route of routes) {
    const params = route.method === request.method ? match(route.path, url.pathname) : undefined
    if (params === undefined) continue
    const headers = Object.fromEntries(Object.entries(request.headers).flatMap(([name, value]) => typeof value === 'string' ? [[name, value]] : []))
    const reply = await route.handle({ params, query: Object.fromEntries(url.searchParams), headers, body: Buffer.concat(chunks), baseUrl: url.origin, requestId: 'req-1' })
    response.writeHead(reply.status, reply.headers).end(reply.body)
    return
  }
  response.writeHead(404).end()
}

const match = (pattern: string, path: string): Record<string, string> | undefined => {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, place] of wanted.entries()) {
    const value = decodeURIComponent(given[index] ?? '')
    if (place.startsWith(':')) params[place.slice(1)] = value
    else if (place !== value) return undefined
  }
  return params
}
