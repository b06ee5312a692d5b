import { lazily } from '../../schemas/lazily.js'
import type { CommitPart } from '../central/commit-item.js'
import { decompress } from './decompress.js'
import { secretSpans } from './secret-spans.js'

const mostBytes = 1024 * 1024 * 1024

/**
 * The bytes of a message as they are shown: a star in the place of each character of a secret. Byte for byte as received where it holds
 * none; one that was compressed is shown expanded where it does.
 */
export const maskMessage = async (raw: Uint8Array, contentEncoding: string | undefined, names: readonly string[]): Promise<Uint8Array> => {
  const expanded = await decompress(raw, contentEncoding, mostBytes)
  const bytes = expanded.ok ? expanded.value : raw
  if (!mayHold(bytes, names)) return raw
  const { text, bytesOf } = plainText(bytes)
  const spans = secretSpans(text, names)
  if (spans.length === 0) return raw
  let masked = ''
  let from = 0
  for (const { start, end } of spans) {
    masked += text.slice(from, start) + '*'.repeat(end - start)
    from = end
  }
  return bytesOf(masked + text.slice(from))
}

/** Shorter ones would hide half of what is said. */
const fewestCharacters = 4
/** No document has more; where one has, nothing of it is quoted. */
const mostSecrets = 1000

/**
 * Hides, in what is wrong with the parts of a message, the secrets that its words may have quoted. `texts` are its bytes and what stood packed in
 * them; they are searched once, and only where something is wrong.
 */
export const makeHideSecrets = (texts: readonly Uint8Array[], names: readonly string[]): ((part: CommitPart) => CommitPart) => {
  const hidden = lazily(() => hiderOf(texts, names))
  return (part) => {
    if (part.issues.length === 0) return part
    const hide = hidden()
    return { ...part, issues: part.issues.map((issue) => ({ ...issue, at: hide(issue.at), detail: hide(issue.detail) })) }
  }
}

const asIs = (said: string): string => said

const hiderOf = (texts: readonly Uint8Array[], names: readonly string[]): ((said: string) => string) => {
  const values: string[] = []
  for (const text of texts) {
    values.push(...secretsIn(text, names))
    if (values.length > mostSecrets) return () => '***'
  }
  const secrets = [...new Set(values.filter((secret) => secret.length >= fewestCharacters))]
  return secrets.length === 0 ? asIs : (said) => secrets.reduce(hideOne, said)
}

/** A secret may be quoted shortened: from here on its beginning is known by. */
const knownBy = 8

const hideOne = (said: string, secret: string): string => {
  const beginning = secret.slice(0, knownBy)
  let hidden = ''
  let from = 0
  for (let at = said.indexOf(beginning); at >= 0; at = said.indexOf(beginning, from)) {
    let length = beginning.length
    while (length < secret.length && said[at + length] === secret[length]) length++
    hidden += `${said.slice(from, at)}***`
    from = at + length
  }
  return hidden + said.slice(from)
}

/** Whether the bytes, which are not compressed, hold a secret. */
export const holdsSecrets = (bytes: Uint8Array, names: readonly string[]): boolean => secretsIn(bytes, names).length > 0

/** The values of secrets, or of some more than `mostSecrets` of them. */
const secretsIn = (bytes: Uint8Array, names: readonly string[]): readonly string[] => {
  if (!mayHold(bytes, names)) return []
  const { text, isWide } = plainText(bytes)
  return secretSpans(text, names, mostSecrets).map(({ start, end }) => text.slice(start, end)).map((value) => (isWide ? value : Buffer.from(value, 'latin1').toString('utf8')).trim())
}

interface PlainText {
  /** A character for each byte, or for each two of UTF-16, so that nothing is lost on the way back. */
  readonly text: string
  readonly isWide: boolean
  readonly bytesOf: (text: string) => Uint8Array
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** Whether the bytes are of UTF-16 with the greater byte first, the smaller one, or of another encoding; markup is ASCII in every other one that documents come in. */
const widthOf = ([first, second]: Uint8Array): 'big' | 'little' | undefined => {
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'big'
  return (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0) ? 'little' : undefined
}

/** Whether one of the names stands anywhere: most messages are not to be made a text of for this. */
const mayHold = (bytes: Uint8Array, names: readonly string[]): boolean =>
  widthOf(bytes) !== undefined || names.some((name) => viewOf(bytes).includes(name.replace(/^[@^]/, ''), 0, 'latin1'))

const plainText = (bytes: Uint8Array): PlainText => {
  const width = widthOf(bytes)
  if (width === undefined) return { text: viewOf(bytes).toString('latin1'), isWide: false, bytesOf: (text) => Buffer.from(text, 'latin1') }
  const whole = Buffer.from(bytes.subarray(0, bytes.length & ~1))
  const rest = bytes.subarray(whole.length)
  const turned = (buffer: Buffer): Buffer => (width === 'big' ? buffer.swap16() : buffer)
  return { text: turned(whole).toString('utf16le'), isWide: true, bytesOf: (text) => Buffer.concat([turned(Buffer.from(text, 'utf16le')), rest]) }
}
