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
    deliver: async ({ payload, place }: Delivery) => {
      const body = bytesOf(payload)
      if (!body.ok) return unsent(body)
      const pinned = await guard(url)
      if (!pinned.ok) return unsent(pinned)
      const headers = { accept: '*/*', ...httpHeaders, ...(body.value === undefined ? {} : { 'content-type': contentTypes[body.value.type] }), ...placeHeaders(place), ...(authorization === undefined ? {} : { authorization }) }
      const answer = await exchange(pinned.value, { method, headers, body: body.value?.bytes ?? new Uint8Array() }, { connectTimeoutMs, totalTimeoutMs: timeoutMs, maxAnswerBytes, ca, agent })
      if (!answer.ok) return { ok: false, code: answer.code, at: answer.at, detail: answer.detail, retry: errorEntry(answer.code).retry, mayHaveTakenEffect: 'sent' in answer && answer.sent }
      return interpret(answer.value, settings, deps.nowMs())
    },
  }
}

type Written = Exclude<Payload, { readonly type: 'tree' }>

const bytesOf = (payload: Payload | undefined): { readonly ok: true, readonly value: Written | undefined } | Failure => {
  if (payload?.type !== 'tree') return ok(payload)
  const type = payload.root.kind === 'element' ? 'xml' : 'json'
  const text = type === 'xml' ? writeXml(payload.root) : writeJson(payload.root)
  return text.ok ? ok({ type, bytes: new TextEncoder().encode(text.value) }) : text
}

const unsent = (failure: Failure): DeliveryFailure => ({ ...failure, retry: errorEntry(failure.code).retry, mayHaveTakenEffect: false })

/** A redirect is never followed: it would carry the document, and what shows who we are, to where the operator did not say. */
const interpret = (answer: ExchangeAnswer, { answer: form }: HttpOutSettings, nowMs: number): DeliveryResult => {
  const { status, body } = answer
  const failed = ({ code, at, detail }: Failure): DeliveryFailure => {
    const { retry } = errorEntry(code)
    return { ok: false, code, at, detail, status, body, retry, mayHaveTakenEffect: retry, ...retryAfterOf(answer, nowMs) }
  }
  if (status >= 200 && status < 300) {
    const said = form === 'cxml' ? readCxmlStatus(body, answer.headers['content-type'] ?? '') : ok(undefined)
    return said.ok ? { ok: true, value: { status, body, answer: undefined } } : failed(said)
  }
  if (status >= 300 && status < 400) return failed(fail('address-refused', 'answer', `The answer is HTTP ${status}. A delivery is never redirected; give the new address as url.`))
  if (status >= 500 || status === 408 || status === 425 || status === 429) return failed(fail('partner-unavailable', 'answer', `The answer is HTTP ${status}.`))
  return failed(fail('partner-denied', 'answer', `The answer is HTTP ${status}.${[401, 403, 407].includes(status) ? ' See whether the credentials are right.' : ''}`))
}
