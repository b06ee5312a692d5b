import { lookup } from 'node:dns/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { errorEntry } from '../../schemas/error-registry.js'
import { fail, ok, type Failure } from '../../schemas/result.js'
import { writeJson } from '../../schemas/json-writer.js'
import { writeXml } from '../../schemas/xml-writer.js'
import type { Delivery, DeliveryFailure, DeliveryResult, Outbound, OutboundLine, Payload } from '../contract.js'
import { makeAddressGuard, type ResolveHost } from '../outgoing/address-guard.js'
import { exchange, type ExchangeAnswer } from '../outgoing/exchange.js'
import { placeHeaders } from '../outgoing/place-headers.js'
import { retryAfterOf } from '../outgoing/retry-after.js'
import { checkReceipt, isReport, messageIdOf } from './check-receipt.js'
import { putSharedSecret, withoutSecrets } from './cxml/put-shared-secret.js'
import { readCxmlStatus } from './cxml/read-response.js'
import { readOutboundSettings, type HttpOutSettings } from './outbound-settings.js'

interface OutboundDeps {
  readonly resolveHost: ResolveHost
  /** UTC: a partner may say by a date when it wants to be called again. */
  readonly nowMs: () => number
}

export const systemDeps: OutboundDeps = {
  resolveHost: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  nowMs: Date.now,
}

/** Idle connections of one partner that are kept, and for how long, in ms: less than the five seconds after which many servers close them. */
const kept = { keepAlive: true, maxFreeSockets: 16, timeout: 4_000 } as const

/** Sends documents to partners' addresses. Connections are kept between deliveries of one line. */
export const makeOutbound = (deps: OutboundDeps): Outbound => {
  const agents: HttpAgent[] = []
  return {
    open: (settings) => {
      const read = readOutboundSettings(settings)
      if (!read.ok) return read
      const agent = read.value.url.protocol === 'https:' ? new HttpsAgent(kept) : new HttpAgent(kept)
      agents.push(agent)
      return ok(makeLine(read.value, agent, deps))
    },
    close: () => {
      for (const agent of agents) agent.destroy()
      return Promise.resolve()
    },
  }
}

const contentTypes = { xml: 'application/xml', json: 'application/json', csv: 'text/csv; charset=utf-8', text: 'text/plain' } as const

const makeLine = (settings: HttpOutSettings, agent: HttpAgent, deps: OutboundDeps): OutboundLine => {
  const { url, method, authorization, httpHeaders, connectTimeoutMs, timeoutMs, maxAnswerBytes, ca } = settings
  // The address in the settings is the operator's own word; it leads inside only where its host is allowed by name.
  const guard = makeAddressGuard({ allowedHosts: [...settings.allowedHosts], ownHost: url.hostname }, deps.resolveHost)
  return {
    ...(settings.receipt?.later === undefined ? {} : { receiptsLater: true as const }),
    deliver: async ({ payload, place }: Delivery) => {
      const body = bytesOf(payload, settings.sharedSecret)
      if (!body.ok) return unsent(body)
      const bytes = body.value?.bytes ?? new Uint8Array()
      const pinned = await guard(url)
      if (!pinned.ok) return unsent(pinned)
      const headers = { accept: '*/*', ...httpHeaders, ...(body.value === undefined ? {} : { 'content-type': settings.contentType ?? contentTypes[body.value.type] }), ...placeHeaders(place), ...receiptHeaders(settings.receipt, place?.id), ...(authorization === undefined ? {} : { authorization }) }
      const answer = await exchange(pinned.value, { method, headers, body: bytes }, { connectTimeoutMs, totalTimeoutMs: timeoutMs, maxAnswerBytes, ca, agent })
      if (!answer.ok) return { ok: false, code: answer.code, at: answer.at, detail: answer.detail, retry: errorEntry(answer.code).retry, mayHaveTakenEffect: 'sent' in answer && answer.sent }
      return hideSecrets(interpret(answer.value, settings, { nowMs: deps.nowMs(), id: place?.id, body: bytes }), settings.secrets)
    },
  }
}

type Written = Exclude<Payload, { readonly type: 'tree' }>

/** What asks for a receipt (RFC 4130, sections 6 and 7.3). */
const receiptHeaders = (receipt: HttpOutSettings['receipt'], id: string | undefined): Readonly<Record<string, string>> => (receipt === undefined || id === undefined ? {} : {
  'message-id': messageIdOf(id), 'disposition-notification-to': receipt.to, ...(receipt.later === undefined ? {} : { 'receipt-delivery-option': receipt.later }),
  ...(receipt.from === undefined ? {} : { 'as2-version': '1.0', 'as2-from': receipt.from }), ...(receipt.partner === undefined ? {} : { 'as2-to': receipt.partner }),
})

/** Nothing that a partner repeats of what shows who we are goes further. */
const hideSecrets = (result: DeliveryResult, secrets: readonly string[]): DeliveryResult => {
  if (secrets.length === 0) return result
  const hidden = (body: Uint8Array): Uint8Array => Buffer.from(withoutSecrets(Buffer.from(body).toString('latin1'), secrets.map((secret) => Buffer.from(secret, 'utf8').toString('latin1'))), 'latin1')
  if (result.ok) return { ok: true, value: { ...result.value, body: hidden(result.value.body) } }
  return { ...result, at: withoutSecrets(result.at, secrets), detail: withoutSecrets(result.detail, secrets), ...(result.body === undefined ? {} : { body: hidden(result.body) }) }
}

const bytesOf = (payload: Payload | undefined, sharedSecret: string | undefined): { readonly ok: true, readonly value: Written | undefined } | Failure => {
  const written = writtenOf(payload)
  if (!written.ok || written.value === undefined || sharedSecret === undefined) return written
  const put = putSharedSecret(written.value.bytes, sharedSecret)
  return put.ok ? ok({ ...written.value, bytes: put.value }) : put
}

const writtenOf = (payload: Payload | undefined): { readonly ok: true, readonly value: Written | undefined } | Failure => {
  if (payload?.type !== 'tree') return ok(payload)
  const type = payload.root.kind === 'element' ? 'xml' : 'json'
  const text = type === 'xml' ? writeXml(payload.root) : writeJson(payload.root)
  return text.ok ? ok({ type, bytes: new TextEncoder().encode(text.value) }) : text
}

const unsent = (failure: Failure): DeliveryFailure => ({ ...failure, retry: errorEntry(failure.code).retry, mayHaveTakenEffect: false })

interface Sent {
  /** UTC. */
  readonly nowMs: number
  /** Of the delivery; undefined where a person calls by hand. */
  readonly id: string | undefined
  readonly body: Uint8Array
}

/** A redirect is never followed: it would carry the document, and what shows who we are, to where the operator did not say. */
const interpret = (answer: ExchangeAnswer, { answer: form, receipt }: HttpOutSettings, { nowMs, id, body: sent }: Sent): DeliveryResult => {
  const { status, body } = answer
  const failed = ({ code, at, detail }: Failure): DeliveryFailure => {
    const { retry } = errorEntry(code)
    return { ok: false, code, at, detail, status, body, retry, mayHaveTakenEffect: retry, ...retryAfterOf(answer, nowMs) }
  }
  if (status >= 200 && status < 300) {
    const contentType = answer.headers['content-type'] ?? ''
    if (form !== 'cxml' && receipt?.later !== undefined && !isReport(contentType)) return { ok: true, value: { status, body, answer: undefined, receiptPending: true } }
    const said = form === 'cxml' ? readCxmlStatus(body, contentType) : receipt !== undefined && id !== undefined ? checkReceipt({ body, contentType }, { messageId: messageIdOf(id), body: sent }) : ok(undefined)
    return said.ok ? { ok: true, value: { status, body, answer: undefined } } : failed(said)
  }
  if (status >= 300 && status < 400) return failed(fail('address-refused', 'answer', `The answer is HTTP ${status}. A delivery is never redirected; give the new address as url.`))
  if (status >= 500 || status === 408 || status === 425 || status === 429) return failed(fail('partner-unavailable', 'answer', `The answer is HTTP ${status}.`))
  return failed(fail('partner-denied', 'answer', `The answer is HTTP ${status}.${[401, 403, 407].includes(status) ? ' See whether the credentials are right.' : ''}`))
}
