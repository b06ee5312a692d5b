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
  const { text, bytesOf } = plainText(expanded.ok ? expanded.value : raw)
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

/** What is wrong with a part, without the secrets that its words may have quoted. */
export const hideSecrets = (part: CommitPart, raw: Uint8Array, names: readonly string[]): CommitPart => {
  if (part.issues.length === 0) return part
  const { text } = plainText(raw)
  const secrets = secretSpans(text, names).map(({ start, end }) => Buffer.from(text.slice(start, end), 'latin1').toString('utf8').trim()).filter((secret) => secret.length >= fewestCharacters)
  if (secrets.length === 0) return part
  const hide = (said: string): string => secrets.reduce((all, secret) => all.replaceAll(secret, '***'), said)
  return { ...part, issues: part.issues.map((issue) => ({ ...issue, at: hide(issue.at), detail: hide(issue.detail) })) }
}

interface PlainText {
  /** A character for each byte, or for each two of UTF-16, so that nothing is lost on the way back. */
  readonly text: string
  readonly bytesOf: (text: string) => Uint8Array
}

/** Markup is ASCII in every other encoding that documents come in. */
const plainText = (bytes: Uint8Array): PlainText => {
  const [first, second] = bytes
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)
  if (!isBig && !(first === 0xff && second === 0xfe) && !(first === 0x3c && second === 0)) {
    return { text: Buffer.from(bytes).toString('latin1'), bytesOf: (text) => Buffer.from(text, 'latin1') }
  }
  const whole = Buffer.from(bytes.subarray(0, bytes.length & ~1))
  const rest = bytes.subarray(whole.length)
  const turned = (buffer: Buffer): Buffer => (isBig ? buffer.swap16() : buffer)
  return { text: turned(whole).toString('utf16le'), bytesOf: (text) => Buffer.concat([turned(Buffer.from(text, 'utf16le')), rest]) }
}
