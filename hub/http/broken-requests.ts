import { maxHeaderSize, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { problemReply } from '../../schemas/problem.js'
import { fail, type Failure } from '../../schemas/result.js'

export interface BrokenRequests {
  /** Answers what is no request, as HTTP's parser sees it, or does not come to its end in time. */
  readonly onClientError: (error: Error & { readonly code?: string }, socket: Duplex) => void
  /** Listens to what Node would answer without a body or not at all. To be called before the server listens. */
  readonly watch: (server: Server) => void
}

/** How long a sender whose request is broken has to read the answer before the connection is cut, in ms. */
const lingerMs = 1000

/** Answers, as problems, requests that never come as far as the routes. Each ends its connection: where the next request would begin is not known. */
export const makeBrokenRequests = (): BrokenRequests => {
  const answered = new WeakSet<Duplex>()
  const underWay = new WeakMap<Duplex, ServerResponse>()
  let count = 0
  const replyTo = (failure: Failure) => problemReply(failure, `broken-${++count}`)
  const refuse = (socket: Duplex, failure: Failure): void => {
    if (socket.destroyed || !socket.writable) socket.destroy()
    else socket.end(asText(replyTo(failure)))
    setTimeout(() => { socket.destroy() }, lingerMs).unref()
  }
  const onClientError: BrokenRequests['onClientError'] = (error, socket) => {
    // What still comes while the sender reads the answer is broken too.
    if (answered.has(socket)) return
    answered.add(socket)
    const earlier = underWay.get(socket)
    if (socket.destroyed || error.code === 'ECONNRESET' || (earlier?.headersSent === true && !earlier.req.complete)) socket.destroy()
    // Sent at once it would pass for the answer to the request before.
    else if (earlier?.req.complete === true && !earlier.writableFinished) earlier.once('close', () => { refuse(socket, failureOfParser(error)) })
    else refuse(socket, failureOfParser(error))
  }
  return {
    onClientError,
    watch: (server) => {
      server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => { underWay.set(socket, response) })
      server.on('checkExpectation', ({ headers }: IncomingMessage, response: ServerResponse) => {
        const { status, headers: own, body } = replyTo(fail('expectation-failed', 'Expect', `${JSON.stringify(headers.expect)} is not known; send 100-continue, or leave the header out.`))
        response.writeHead(status, { ...own, 'content-length': Buffer.byteLength(body), 'connection': 'close' }).end(body)
      })
      server.on('connect', ({ url }: IncomingMessage, socket: Duplex) => { refuse(socket, fail('method-not-allowed', url ?? '', 'The hub is no proxy and takes no CONNECT.')) })
    },
  }
}

const asText = ({ status, headers, body }: ReturnType<typeof problemReply>): string => {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)), 'date': new Date().toUTCString(), 'connection': 'close' })
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n')
}

/** The codes are llhttp's, as Node hands them on, and Node's own. */
const failureOfParser = (error: Error & { readonly code?: string }): Failure => {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW': return fail('headers-too-large', 'headers', `The request line and the headers have more than ${maxHeaderSize} bytes together; send less.`)
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW': return fail('too-large', 'body', 'The chunk extensions of the body are too long; leave them out.')
    case 'ERR_HTTP_REQUEST_TIMEOUT': return fail('request-timeout', 'request', 'The request did not come to its end in the time that it has; send it again, without a pause.')
    case 'HPE_INVALID_EOF_STATE': return fail('request-invalid', 'request', 'The connection ended before the whole request had come; send it again.')
    case undefined:
    default: return fail('request-invalid', places.get(error.code ?? '') ?? 'request', `The request is no well-formed HTTP/1.1: ${reasonOf(error)}.`)
  }
}

const places: ReadonlyMap<string, string> = new Map([
  ['HPE_INVALID_METHOD', 'request line'], ['HPE_INVALID_URL', 'request line'], ['HPE_INVALID_CONSTANT', 'request line'], ['HPE_INVALID_VERSION', 'request line'],
  ['HPE_INVALID_HEADER_TOKEN', 'headers'], ['HPE_INVALID_CONTENT_LENGTH', 'Content-Length'], ['HPE_UNEXPECTED_CONTENT_LENGTH', 'Content-Length'],
  ['HPE_INVALID_TRANSFER_ENCODING', 'Transfer-Encoding'], ['HPE_INVALID_CHUNK_SIZE', 'body'],
])

/** The parser's own words, which quote nothing of the request. */
const reasonOf = (error: Error): string => ('reason' in error && typeof error.reason === 'string' ? error.reason : error.message).replace(/\.$/, '')
