import { createHash } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { errorEntry } from '../../schemas/error-registry.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { Delivery, DeliveryFailure, DeliveryResult, Outbound, OutboundLine, Payload } from '../contract.js'
import { placeHeaders } from '../outgoing/place-headers.js'
import { makeAddressGuard, type GuardAddress, type ResolveHost } from '../outgoing/address-guard.js'
import type { Cage } from './cage.js'
import type { ComposedRequest, ListedOperation, OperationChoice } from './cage-protocol.js'
import { makeDescriptionPool, type DescriptionPool, type DescriptionSource } from './description-pool.js'
import { exchange } from '../outgoing/exchange.js'
import { makeFetchDocument } from './fetch-document.js'
import { interpretAnswer } from './interpret-answer.js'
import { readSettings, type SoapClientSettings } from './settings.js'

/** A request as it would leave, but for its credentials over HTTP. */
export interface ShownRequest {
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly envelope: string
}

/** A line to a partner's SOAP service. */
export interface SoapLine extends OutboundLine {
  readonly list: () => Promise<Result<readonly ListedOperation[]>>
  /** What an operation takes, as XML to fill in. */
  readonly template: (operation: string, port?: string) => Promise<Result<string>>
  readonly show: (delivery: Delivery) => Promise<Result<ShownRequest>>
}

export interface SoapOutbound extends Outbound {
  readonly open: (settings: unknown) => Result<SoapLine>
}

interface OutboundDeps {
  readonly resolveHost: ResolveHost
  readonly nowMs: () => number
  /** Of the thread that holds a description; what needs more is refused. */
  readonly memoryMb: number
  readonly mostDescriptions: number
}

export const systemDeps: OutboundDeps = {
  resolveHost: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  nowMs: () => performance.now(),
  memoryMb: 512,
  mostDescriptions: 4,
}

/** How long composing or reading one message may take in the thread. */
const workTimeoutMs = 20_000

export const makeOutbound = (deps: OutboundDeps): SoapOutbound => {
  const pool = makeDescriptionPool({ nowMs: deps.nowMs, memoryMb: deps.memoryMb, most: deps.mostDescriptions })
  return {
    open: (settings) => {
      const read = readSettings(settings)
      return read.ok ? ok(makeLine(read.value, pool, deps.resolveHost)) : read
    },
    close: pool.close,
  }
}

const makeLine = (settings: SoapClientSettings, pool: DescriptionPool, resolveHost: ResolveHost): SoapLine => {
  const allowedHosts = [...settings.allowedHosts]
  const guard = makeAddressGuard({ allowedHosts, ownHost: settings.wsdl.protocol === 'file:' ? undefined : settings.wsdl.hostname }, resolveHost)
  // An endpoint in the settings is the operator's own word, as the description's address is.
  const callGuard = settings.endpoint === undefined ? guard : makeAddressGuard({ allowedHosts, ownHost: settings.endpoint.hostname }, resolveHost)
  const source = sourceOf(settings, guard)
  const choose = (operation: string, port = settings.port): OperationChoice => ({ operation, service: settings.service, port, version: settings.soapVersion })
  const compose = (cage: Cage, { operation, payload }: Delivery) =>
    cage.ask({ kind: 'compose', choice: choose(operation), payload, soapHeaders: headersPayload(settings.soapHeaders), usernameToken: tokenOf(settings) }, workTimeoutMs)
  return {
    list: () => pool.use(source, (cage) => cage.ask({ kind: 'list' }, workTimeoutMs)),
    template: (operation, port) => pool.use(source, (cage) => cage.ask({ kind: 'template', choice: choose(operation, port) }, workTimeoutMs)),
    show: (delivery) => pool.use(source, async (cage) => {
      const composed = await compose(cage, delivery)
      if (!composed.ok) return composed
      const endpoint = endpointOf(settings, composed.value)
      return endpoint.ok ? ok({ endpoint: endpoint.value.href, headers: headersOf(settings, composed.value), envelope: composed.value.envelope }) : endpoint
    }),
    deliver: async (delivery) => {
      const delivered = await pool.use<DeliveryResult | Failure>(source, async (cage) => {
        const composed = await compose(cage, delivery)
        return composed.ok ? call({ settings, guard: callGuard, cage, choice: choose(delivery.operation), place: delivery.place }, composed.value) : composed
      })
      return hideSecrets(settings, delivered.ok || 'retry' in delivered ? delivered : beforeSending(delivered))
    },
  }
}

/** A partner may repeat in a fault what it was shown. What it sent, byte for byte, stays in `body`. */
const hideSecrets = ({ authorization, usernameToken }: SoapClientSettings, result: DeliveryResult): DeliveryResult => {
  if (result.ok) return result
  const shown = authorization?.replace(/^\S+ /, '')
  const basic = authorization?.startsWith('Basic ') === true ? Buffer.from(shown ?? '', 'base64').toString('utf8').replace(/^[^:]*:/, '') : undefined
  const secrets = [shown, basic, usernameToken?.password].filter((secret) => secret !== undefined && secret.length > 3)
  const hide = (text: string): string => secrets.reduce<string>((hidden, secret) => hidden.replaceAll(secret ?? '', '***'), text)
  const { fault } = result
  return { ...result, detail: hide(result.detail), ...(fault === undefined ? {} : { fault: { ...fault, text: hide(fault.text), detailXml: hide(fault.detailXml) } }) }
}

const beforeSending = (failure: Failure): DeliveryFailure => ({ ...failure, retry: errorEntry(failure.code).retry, mayHaveTakenEffect: false })

const sourceOf = (settings: SoapClientSettings, guard: GuardAddress): DescriptionSource => {
  const { wsdl, allowedHosts, authorization, ca, connectTimeoutMs, describeTimeoutMs, maxDescriptionBytes, maxRedirects } = settings
  const address = wsdl.href
  const decisive = [address, allowedHosts, authorization, ca, maxDescriptionBytes, maxRedirects]
  return {
    key: createHash('sha256').update(JSON.stringify(decisive)).digest('hex'), address, timeoutMs: describeTimeoutMs, freshForMs: settings.freshForMs,
    makeFetch: () => makeFetchDocument({ address, guard, authorization, maxRedirects, limits: { connectTimeoutMs, totalTimeoutMs: describeTimeoutMs, maxAnswerBytes: maxDescriptionBytes, ca } }),
  }
}

const headersPayload = (text: string | undefined): Payload | undefined =>
  (text === undefined ? undefined : { type: /^\s*\{/.test(text) ? 'json' : 'xml', bytes: new TextEncoder().encode(text) })

const tokenOf = ({ usernameToken }: SoapClientSettings) => usernameToken && { ...usernameToken, passwordType: usernameToken.passwordType ?? 'digest' } as const

const endpointOf = (settings: SoapClientSettings, { endpoint }: ComposedRequest): Result<URL> => {
  if (settings.endpoint !== undefined) return ok(settings.endpoint)
  if (endpoint !== undefined && URL.canParse(endpoint)) return ok(new URL(endpoint))
  return fail('wsdl-invalid', 'endpoint', 'The description names no address to call; give one as endpoint.')
}

/** SOAP 1.1, section 6.1.1; SOAP 1.2 part 2, section 7 and RFC 3902. */
const headersOf = ({ httpHeaders }: SoapClientSettings, { version, soapAction }: ComposedRequest): Readonly<Record<string, string>> => {
  const action = soapAction.replace(/[^\x20-\x7e]/g, encodeURIComponent).replaceAll('"', '%22')
  return version === '1.2'
    ? { ...httpHeaders, 'content-type': `application/soap+xml; charset=utf-8${action === '' ? '' : `; action="${action}"`}`, 'accept': 'application/soap+xml, text/xml' }
    : { ...httpHeaders, 'content-type': 'text/xml; charset=utf-8', 'soapaction': `"${action}"`, 'accept': 'text/xml, application/soap+xml' }
}

interface Calling {
  readonly settings: SoapClientSettings
  readonly guard: GuardAddress
  readonly cage: Cage
  readonly choice: OperationChoice
  readonly place: Delivery['place']
}

const call = async ({ settings, guard, cage, choice, place }: Calling, composed: ComposedRequest): Promise<DeliveryResult | Failure> => {
  const endpoint = endpointOf(settings, composed)
  if (!endpoint.ok) return endpoint
  const pinned = await guard(endpoint.value)
  if (!pinned.ok) return pinned
  const { connectTimeoutMs, timeoutMs, maxAnswerBytes, authorization, ca } = settings
  const headers = { ...headersOf(settings, composed), ...placeHeaders(place), ...(authorization === undefined ? {} : { authorization }) }
  const answer = await exchange(pinned.value, { method: 'POST', headers, body: new TextEncoder().encode(composed.envelope) }, { connectTimeoutMs, totalTimeoutMs: timeoutMs, maxAnswerBytes, ca })
  if (!answer.ok) {
    const { code, at, detail } = answer
    return { ok: false, code, at, detail, retry: errorEntry(code).retry, mayHaveTakenEffect: 'sent' in answer && answer.sent }
  }
  return interpretAnswer(answer.value, { cage, choice, oneWay: composed.oneWay, timeoutMs: workTimeoutMs })
}
