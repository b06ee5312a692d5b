import { invalidBytes, longestSequence, makeStepDecoder, unknownEncoding } from './decode-bytes.js'
import { encodingsOf, type EncodingsToTry } from './decode-text.js'
import { ok, type Failure, type Result } from './result.js'

/** Bytes that can be read as often as one likes, each time from their beginning. */
export type ByteSource = () => AsyncIterable<Uint8Array>

/** The bytes of a step of decoding: a step of text is what a splitter holds at once. V8 gives texts of more than 128 kB memory of their own, which takes longer than decoding them. */
const stepBytes = 98_304
const headBytes = 200

/**
 * Decodes bytes step by step as decodeText does all at once, by the same rules and with the same failures; a failure is the last that is given.
 * Where the rules leave several encodings to be tried, the bytes are read once for each before the first text comes.
 */
export const decodeStream = async function* (source: ByteSource, contentType = ''): AsyncGenerator<Result<string>> {
  const rule = encodingsOf(await bytesAt(source, 0, headBytes), contentType)
  const encoding = await chosenEncoding(source, rule)
  if (typeof encoding !== 'string') {
    yield encoding
    return
  }
  let isFirst = true
  for await (const step of decoded(source, encoding, rule.markLength)) {
    const contradicted = isFirst && step.ok ? rule.contradiction(step.value) : undefined
    yield contradicted ?? step
    if (contradicted !== undefined) return
    isFirst = false
  }
}

/** So many bytes from an offset on, or as many as there are. */
export const bytesAt = async (source: ByteSource, from: number, length: number): Promise<Uint8Array> => {
  const found: Uint8Array[] = []
  let offset = 0
  for await (const chunk of source()) {
    const start = Math.max(from - offset, 0)
    if (start < chunk.length) found.push(chunk.subarray(start, Math.max(start, from + length - offset)))
    offset += chunk.length
    if (offset >= from + length) break
  }
  return Buffer.concat(found)
}

/** The only encoding, or the first that decodes all of the bytes; where none does, the first that is known. */
const chosenEncoding = async (source: ByteSource, rule: EncodingsToTry): Promise<string | Failure> => {
  const { encodings, markLength } = rule
  const [only, ...others] = encodings
  if (only === undefined) throw new Error('no encoding is to be tried')
  let failure: string | Failure | undefined
  for (const encoding of encodings) {
    const unknown = makeStepDecoder(encoding) === undefined ? unknownEncoding(encoding) : undefined
    if (unknown === undefined && (others.length === 0 || await decodesAll(source, encoding, markLength))) return encoding
    if (failure === undefined || (typeof failure !== 'string' && failure.code === 'encoding-unknown')) failure = unknown ?? encoding
  }
  return failure ?? only
}

const decodesAll = async (source: ByteSource, encoding: string, markLength: number): Promise<boolean> => {
  for await (const step of decoded(source, encoding, markLength)) if (!step.ok) return false
  return true
}

const decoded = async function* (source: ByteSource, encoding: string, markLength: number): AsyncGenerator<Result<string>> {
  const decoder = makeStepDecoder(encoding)
  if (decoder === undefined) throw new Error(`${encoding} is not known`)
  let offset = markLength
  for await (const bytes of steps(source, markLength)) {
    const text = decoder.decode(bytes, false)
    if (text === undefined) {
      yield await invalidFrom(source, encoding, markLength, offset)
      return
    }
    offset += bytes.length
    if (text !== '') yield ok(text)
  }
  const rest = decoder.decode(new Uint8Array(), true)
  if (rest === undefined) yield await invalidFrom(source, encoding, markLength, offset)
  else if (rest !== '') yield ok(rest)
}

const steps = async function* (source: ByteSource, skipped: number): AsyncGenerator<Uint8Array> {
  let toSkip = skipped
  for await (const chunk of source()) {
    for (let start = Math.min(toSkip, chunk.length); start < chunk.length; start += stepBytes) yield chunk.subarray(start, start + stepBytes)
    toSkip = Math.max(0, toSkip - chunk.length)
  }
}

/** What does not decode in the step from offset `from`, or is cut off by the end; a sequence may have begun in the step before. */
const invalidFrom = async (source: ByteSource, encoding: string, markLength: number, from: number): Promise<Failure> => {
  const begun = await offsetOfInvalid(source, encoding, markLength, Math.max(from - longestSequence, markLength))
  return invalidBytes(await bytesAt(source, begun, longestSequence), encoding, 0, begun)
}

/** Decodes again up to `bulkEnd`, and from there byte by byte; gives where the sequence begins at which that ends. */
const offsetOfInvalid = async (source: ByteSource, encoding: string, markLength: number, bulkEnd: number): Promise<number> => {
  const decoder = makeStepDecoder(encoding)
  let offset = markLength
  let begun = bulkEnd
  for await (const bytes of steps(source, markLength)) {
    const bulk = Math.min(Math.max(bulkEnd - offset, 0), bytes.length)
    if (bulk > 0) decoder?.decode(bytes.subarray(0, bulk), false)
    for (let at = bulk; at < bytes.length; at++) {
      const text = decoder?.decode(bytes.subarray(at, at + 1), false)
      if (text === undefined) return begun
      if (text !== '') begun = offset + at + 1
    }
    offset += bytes.length
  }
  return begun
}
