import { request as httpRequest, type Agent, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { decompress } from './decompress.js'
import type { PinnedAddress } from './address-guard.js'

export interface ExchangeLimits {
  /** From the start until the connection stands, TLS included. */
  readonly connectTimeoutMs: number
  /** From the start to the last byte of the answer. */
  readonly totalTimeoutMs: number
  /** Of the answer's body, compressed and uncompressed. */
  readonly maxAnswerBytes: number
  /** Certificates of authorities to trust instead of the public ones, PEM. */
  readonly ca: string | undefined
  /** Keeps connections for the next request to the same host; without it each request has its own. */
  readonly agent?: Agent
}

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

export interface ExchangeAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Uncompressed. */
  readonly body: Uint8Array
}

/** A failure, and whether the request had left by then, so that the partner may have acted on it. */
export interface ExchangeFailure extends Failure {
  readonly sent: boolean
}

/**
 * One HTTP request and its answer, to the pinned addresses and through no proxy. Redirects are answers like others. A kept connection that the other
 * side closes before any answer is replaced by a fresh one, once. Fails with partner-unreachable, timeout, partner-interrupted, answer-too-large or content-encoding-invalid.
 */
export const exchange = async (to: PinnedAddress, request: ExchangeRequest, limits: ExchangeLimits): Promise<Result<ExchangeAnswer> | ExchangeFailure> => {
  const first = await receive(to, request, limits)
  const received = first.ok || !first.stale ? first : await receive(to, request, { ...limits, agent: undefined })
  if (!received.ok) return { ok: false, code: received.code, at: received.at, detail: received.detail, sent: received.sent }
  const body = await decompress(received.value.body, received.value.headers['content-encoding'], limits.maxAnswerBytes)
  if (body.ok) return ok({ ...received.value, body: body.value })
  return { ...(body.code === 'too-large' ? tooLarge(shown(to.url), limits) : body), at: shown(to.url), sent: true }
}

const shown = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`.slice(0, 300)

const tooLarge = (at: string, { maxAnswerBytes }: Pick<ExchangeLimits, 'maxAnswerBytes'>): Failure => fail('answer-too-large', at, `The answer is larger than ${maxAnswerBytes} bytes; raise the limit if the partner means it.`)

interface ReceiveFailure extends ExchangeFailure {
  /** The connection was an old one, which broke without a word. */
  readonly stale: boolean
}

type ReceiveLimits = Omit<ExchangeLimits, 'agent'> & { readonly agent?: Agent | undefined }

const receive = (to: PinnedAddress, { method, headers, body }: ExchangeRequest, limits: ReceiveLimits): Promise<{ readonly ok: true, readonly value: ExchangeAnswer } | ReceiveFailure> => new Promise((resolve) => {
  const at = shown(to.url)
  const secure = to.url.protocol === 'https:'
  let sent = false
  let settled = false
  let answering = false
  const options: RequestOptions & { readonly ca?: string } = {
    method, agent: limits.agent ?? false, lookup: pinnedLookup(to.addresses), maxHeaderSize: 32_768,
    headers: { 'user-agent': 'chainhub', 'accept-encoding': 'gzip, deflate', ...headers, ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }) },
    ...(limits.ca === undefined ? {} : { ca: limits.ca }),
  }
  const outgoing = (secure ? httpsRequest : httpRequest)(to.url, options)
  const settle = (result: { readonly ok: true, readonly value: ExchangeAnswer } | Failure): void => {
    if (settled) return
    settled = true
    clearTimeout(connecting)
    clearTimeout(whole)
    resolve(result.ok ? result : { ...result, sent, stale: outgoing.reusedSocket && !answering && result.code === 'partner-interrupted' })
    // After the answer too, where a connection serves one request.
    if (limits.agent === undefined || !result.ok) outgoing.destroy()
  }
  const connecting = setTimeout(() => { settle(fail('partner-unreachable', at, `No connection stood within ${limits.connectTimeoutMs} ms.`)) }, limits.connectTimeoutMs)
  const whole = setTimeout(() => { settle(fail('timeout', at, `The whole answer was not there within ${limits.totalTimeoutMs} ms.`)) }, limits.totalTimeoutMs)
  outgoing.once('socket', (socket) => {
    if (outgoing.reusedSocket) {
      clearTimeout(connecting)
      sent = true
      return
    }
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(connecting)
      sent = true
    })
  })
  outgoing.on('error', (error: Error & { readonly code?: string }) => {
    settle(sent ? fail('partner-interrupted', at, `The connection broke (${reasonOf(error)}).`) : fail('partner-unreachable', at, `No connection stands (${reasonOf(error)}).`))
  })
  outgoing.once('response', (incoming) => {
    answering = true
    collect(incoming, at, limits, settle)
  })
  outgoing.end(body)
})

/** An error's code says enough; its message may quote what came. */
const reasonOf = ({ code, message }: Error & { readonly code?: string }): string => code ?? message.slice(0, 100)

const collect = (incoming: IncomingMessage, at: string, limits: Pick<ExchangeLimits, 'maxAnswerBytes'>, settle: (result: { readonly ok: true, readonly value: ExchangeAnswer } | Failure) => void): void => {
  const chunks: Uint8Array[] = []
  let size = 0
  incoming.on('data', (chunk: Uint8Array) => {
    size += chunk.byteLength
    if (size > limits.maxAnswerBytes) settle(tooLarge(at, limits))
    else chunks.push(chunk)
  })
  incoming.once('end', () => {
    if (!incoming.complete) {
      settle(fail('partner-interrupted', at, 'The connection ended before the answer did.'))
      return
    }
    const headers = Object.fromEntries(Object.entries(incoming.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
    settle(ok({ status: incoming.statusCode ?? 0, headers, body: Buffer.concat(chunks) }))
  })
  incoming.once('error', () => { settle(fail('partner-interrupted', at, 'The connection broke before the answer was whole.')) })
  incoming.once('aborted', () => { settle(fail('partner-interrupted', at, 'The connection broke before the answer was whole.')) })
}

/** Answers the connection's question for the host's address with those that were looked at, whatever the name service says by now. */
const pinnedLookup = (addresses: readonly string[]): LookupFunction => (_host, options, callback) => {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  const [first] = all
  if (first === undefined) callback(new Error('no address'), '')
  else if (options.all === true) callback(null, all)
  else callback(null, first.address, first.family)
}
