import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { GuardAddress } from '../outgoing/address-guard.js'
import { exchange, type ExchangeLimits } from '../outgoing/exchange.js'
import type { FetchDocument, FetchedDocument } from './load-documents.js'

export interface FetchSettings {
  /** Absolute, http, https or file. */
  readonly address: string
  readonly guard: GuardAddress
  /** `maxAnswerBytes` holds for all files together. */
  readonly limits: ExchangeLimits
  readonly maxRedirects: number
  /** Sent to the origin of `address` alone. */
  readonly authorization: string | undefined
}

/**
 * Gets the files of one description. A description that is a file may name files of its folder and below; one from the
 * network never names a file. The first redirect too many, any change from https to http, and every address that the guard
 * refuses end it.
 */
export const makeFetchDocument = (settings: FetchSettings): FetchDocument => {
  let left = settings.limits.maxAnswerBytes
  const deadline = performance.now() + settings.limits.totalTimeoutMs
  return async (address) => {
    if (!URL.canParse(address)) return fail('address-refused', address.slice(0, 300), 'This is no address.')
    const url = new URL(address)
    const remainingMs = Math.max(deadline - performance.now(), 1)
    const limits = { ...settings.limits, maxAnswerBytes: left, totalTimeoutMs: remainingMs, connectTimeoutMs: Math.min(settings.limits.connectTimeoutMs, remainingMs) }
    const fetched = url.protocol === 'file:' ? await fetchFile(url, settings.address, left) : await fetchHttp(url, settings, limits)
    if (fetched.ok) left -= fetched.value.bytes.byteLength
    return fetched
  }
}

const fetchFile = async (url: URL, root: string, maxBytes: number): Promise<Result<FetchedDocument>> => {
  const path = fileURLToPath(url)
  if (!root.startsWith('file:')) return fail('address-refused', path, 'A description from the network names a file of this machine.')
  try {
    const [real, folder] = await Promise.all([realpath(path), realpath(dirname(fileURLToPath(root)))])
    if (url.href !== root && !real.startsWith(folder + sep)) return fail('address-refused', path, `The file is not below ${folder}, where the description is.`)
    const { size } = await stat(real)
    if (size > maxBytes) return fail('answer-too-large', path, `The description is larger than the limit; ${maxBytes} bytes are left of it.`)
    return ok({ address: url.href, bytes: await readFile(real), contentType: '' })
  } catch (error) {
    return fail('wsdl-invalid', path, `The file can't be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'}).`)
  }
}

const fetchHttp = async (start: URL, settings: FetchSettings, limits: ExchangeLimits): Promise<Result<FetchedDocument>> => {
  let url = start
  for (let redirects = 0; ; redirects++) {
    const pinned = await settings.guard(url)
    if (!pinned.ok) return pinned
    const own = settings.authorization !== undefined && URL.canParse(settings.address) && new URL(settings.address).origin === url.origin
    const answer = await exchange(pinned.value, { method: 'GET', headers: { accept: 'text/xml, application/xml, */*;q=0.1', ...(own ? { authorization: settings.authorization } : {}) } }, limits)
    if (!answer.ok) return { ok: false, code: answer.code, at: answer.at, detail: answer.detail }
    const { status, headers, body } = answer.value
    const at = `${url.protocol}//${url.host}${url.pathname}`
    if (status === 200) return ok({ address: url.href, bytes: body, contentType: headers['content-type'] ?? '' })
    const location = headers['location']
    if (status < 300 || status > 399 || location === undefined) {
      return status >= 500 ? fail('partner-unavailable', at, `The description comes with HTTP ${status}.`) : fail('wsdl-invalid', at, `The description comes with HTTP ${status}${status === 401 ? '; it asks for credentials' : ''}.`)
    }
    if (redirects === settings.maxRedirects || !URL.canParse(location, url.href)) return fail('address-refused', at, `It redirects elsewhere; ${settings.maxRedirects} redirects are followed.`)
    const next = new URL(location, url)
    if (url.protocol === 'https:' && next.protocol === 'http:') return fail('address-refused', at, 'It redirects from https to http.')
    url = next
  }
}
