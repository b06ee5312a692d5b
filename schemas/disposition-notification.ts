import { hash } from 'node:crypto'
import { decodeSection, readMultipart, type BodySection } from './multipart.js'
import { fail, ok, type Result } from './result.js'

/** A receipt for a message (RFC 8098, RFC 4130 section 7). */
export interface DispositionNotification {
  /** As it stands there, with its brackets. */
  readonly originalMessageId: string
  /** `processed`, `failed`, … in lower case. */
  readonly disposition: string
  /** `error: authentication-failed`; '' where there is none. */
  readonly modifier: string
  /** Of the content as it came. */
  readonly mic: { readonly digest: string, readonly algorithm: string } | undefined
  /** What it says to people; '' where it says nothing. */
  readonly text: string
}

const mostSections = 20
const mostText = 500

/** Reads a multipart/report of the type disposition-notification; of a signed one the report inside, without looking at the signature. Fails with answer-invalid where it is none. */
export const readDispositionNotification = (body: Uint8Array, contentType: string): Result<DispositionNotification> => {
  const report = sectionsOf(body, contentType)
  const inner = report.find(({ headers }) => /^multipart\/report\b/i.test(headers.get('content-type') ?? ''))
  const sections = inner === undefined ? report : sectionsOf(inner.body, inner.headers.get('content-type') ?? '')
  const notification = sections.find(({ headers }) => /^message\/disposition-notification\b/i.test(headers.get('content-type') ?? ''))
  const decoded = notification === undefined ? undefined : decodeSection(notification)
  if (decoded?.ok !== true) return fail('answer-invalid', 'receipt', 'A receipt was asked for, and the answer is none: it has no part message/disposition-notification.')
  const fields = fieldsOf(Buffer.from(decoded.value.bytes).toString('latin1'))
  const [, type = '', modifier = ''] = /;\s*([A-Za-z-]+)\s*(?:\/\s*(.*))?$/s.exec(fields.get('disposition') ?? '') ?? []
  const originalMessageId = fields.get('original-message-id') ?? ''
  if (type === '' || originalMessageId === '') return fail('answer-invalid', 'receipt', `The receipt has no ${type === '' ? 'Disposition' : 'Original-Message-ID'}.`)
  const [, digest = '', algorithm = ''] = /^([A-Za-z0-9+/=]+)\s*,\s*([A-Za-z0-9-]+)/.exec(fields.get('received-content-mic') ?? '') ?? []
  const words = sections.find(({ headers }) => /^text\/plain\b/i.test(headers.get('content-type') ?? ''))
  return ok({ originalMessageId, disposition: type.toLowerCase(), modifier: modifier.trim(), mic: digest === '' ? undefined : { digest, algorithm: algorithm.toLowerCase() }, text: words === undefined ? '' : words.body.toString('utf8').trim().slice(0, mostText) })
}

const sectionsOf = (body: Uint8Array, contentType: string): readonly BodySection[] => {
  const read = /^\s*multipart\//i.test(contentType) ? readMultipart(body, contentType, mostSections) : undefined
  return read?.ok === true ? read.value.sections : []
}

/** Names in lower case; of a name that stands twice the first. */
const fieldsOf = (text: string): ReadonlyMap<string, string> => {
  const lines = text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  return new Map(lines.flatMap((line) => {
    const colon = line.indexOf(':')
    return colon < 1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const]
  }).reverse())
}

/** Whether a digest of a receipt is that of these bytes; undefined for an algorithm that is not known. */
export const isDigestOf = (bytes: Uint8Array, { digest, algorithm }: { readonly digest: string, readonly algorithm: string }): boolean | undefined => {
  const known = { 'md5': 'md5', 'sha1': 'sha1', 'sha-1': 'sha1', 'sha256': 'sha256', 'sha-256': 'sha256', 'sha384': 'sha384', 'sha-384': 'sha384', 'sha512': 'sha512', 'sha-512': 'sha512' }[algorithm]
  return known === undefined ? undefined : hash(known, bytes, 'base64') === digest
}
