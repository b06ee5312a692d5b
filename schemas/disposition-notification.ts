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

/** The fields of a receipt as they stand there, and what it says to people. */
export interface NotificationFields {
  /** By name in lower case: the name as it is written, the value, and its line in the body, from 1. */
  readonly fields: ReadonlyMap<string, { readonly name: string, readonly value: string, readonly line: number }>
  /** '' where it says nothing. */
  readonly text: string
}

/** The fields of the notification in a multipart/report, or in one that is signed, without looking at the signature; undefined where there is none. */
export const readNotificationFields = (body: Uint8Array, contentType: string): NotificationFields | undefined => {
  const report = sectionsOf(body, contentType)
  const inner = report.find(({ headers }) => /^multipart\/report\b/i.test(headers.get('content-type') ?? ''))
  const sections = inner === undefined ? report : sectionsOf(inner.body, inner.headers.get('content-type') ?? '')
  const notification = sections.find(({ headers }) => /^message\/disposition-notification\b/i.test(headers.get('content-type') ?? ''))
  const decoded = notification === undefined ? undefined : decodeSection(notification)
  if (notification === undefined || decoded?.ok !== true) return undefined
  const words = sections.find(({ headers }) => /^text\/plain\b/i.test(headers.get('content-type') ?? ''))
  return { fields: fieldsOf(Buffer.from(decoded.value.bytes).toString('latin1'), lineOf(body, notification.body)), text: words === undefined ? '' : words.body.toString('utf8').trim().slice(0, mostText) }
}

/** Reads a multipart/report of the type disposition-notification, or one that is signed. Fails with answer-invalid where it is none. */
export const readDispositionNotification = (body: Uint8Array, contentType: string): Result<DispositionNotification> => {
  const read = readNotificationFields(body, contentType)
  if (read === undefined) return fail('answer-invalid', 'receipt', 'A receipt was asked for, and the answer is none: it has no part message/disposition-notification.')
  const valueOf = (name: string): string => read.fields.get(name)?.value ?? ''
  const { type, modifier } = readDisposition(valueOf('disposition'))
  const originalMessageId = valueOf('original-message-id')
  if (type === '' || originalMessageId === '') return fail('answer-invalid', 'receipt', `The receipt has no ${type === '' ? 'Disposition' : 'Original-Message-ID'}.`)
  return ok({ originalMessageId, disposition: type, modifier, mic: readMic(valueOf('received-content-mic')), text: read.text })
}

/** What a Disposition says behind its mode (RFC 8098, section 3.2.6): `processed`, in lower case, and its modifier; '' where there is none. */
export const readDisposition = (text: string): { readonly type: string, readonly modifier: string } => {
  const [, type = '', modifier = ''] = /;\s*([A-Za-z-]+)\s*(?:\/\s*(.*))?$/s.exec(text) ?? []
  return { type: type.toLowerCase(), modifier: modifier.trim() }
}

/** Whether a message of which this is said was not taken (RFC 4130, section 7.5). */
export const isRefusal = ({ type, modifier }: { readonly type: string, readonly modifier: string }): boolean => type !== 'processed' || /^(?:error|failure|failed)/i.test(modifier)

/** A Received-Content-MIC; undefined where it is none. */
export const readMic = (text: string): DispositionNotification['mic'] => {
  const [, digest, algorithm = ''] = /^([A-Za-z0-9+/=]+)\s*,\s*([A-Za-z0-9-]+)/.exec(text) ?? []
  return digest === undefined ? undefined : { digest, algorithm: algorithm.toLowerCase() }
}

/** The line that a section begins on, from 1; 1 where it does not stand there as it is. */
const lineOf = (body: Uint8Array, section: Buffer): number => {
  const at = Buffer.from(body.buffer, body.byteOffset, body.length).indexOf(section)
  let line = 1
  for (let index = 0; index < at; index++) if (body[index] === 0x0a) line++
  return line
}

const sectionsOf = (body: Uint8Array, contentType: string): readonly BodySection[] => {
  const read = /^\s*multipart\//i.test(contentType) ? readMultipart(body, contentType, mostSections) : undefined
  return read?.ok === true ? read.value.sections : []
}

/** Of a name that stands twice the first. A line that begins with white space goes on with the one before (RFC 5322, section 2.2.3). */
const fieldsOf = (text: string, firstLine: number): NotificationFields['fields'] => {
  const fields = new Map<string, { readonly name: string, readonly value: string, readonly line: number }>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const last = [...fields.keys()].at(-1)
    const before = fields.get(last ?? '')
    const colon = line.indexOf(':')
    if (/^[ \t]/.test(line)) {
      if (last !== undefined && before !== undefined) fields.set(last, { ...before, value: `${before.value} ${line.trim()}`.trim() })
    } else if (colon >= 1) {
      const name = line.slice(0, colon).trim()
      if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), { name, value: line.slice(colon + 1).trim(), line: firstLine + index })
    }
  }
  return fields
}

/** Whether a digest of a receipt is that of these bytes; undefined for an algorithm that is not known. */
export const isDigestOf = (bytes: Uint8Array, { digest, algorithm }: { readonly digest: string, readonly algorithm: string }): boolean | undefined => {
  const known = { 'md5': 'md5', 'sha1': 'sha1', 'sha-1': 'sha1', 'sha256': 'sha256', 'sha-256': 'sha256', 'sha384': 'sha384', 'sha-384': 'sha384', 'sha512': 'sha512', 'sha-512': 'sha512' }[algorithm]
  return known === undefined ? undefined : hash(known, bytes, 'base64') === digest
}
