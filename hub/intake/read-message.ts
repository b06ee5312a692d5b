import { decodeText } from '../../schemas/decode-text.js'
import { readJson } from '../../schemas/json-reader.js'
import type { Node, NodeCount } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import { makeBudget, type Budget, type MessageLimits } from './budget.js'
import { openBusinessDocument } from './envelopes/business-document.js'
import { cxmlHeadOf } from './envelopes/cxml-header.js'
import { bareHead, type Enclosed, type OpenEnvelope, type PartHead } from './envelopes/envelope.js'
import { openIdocs } from './envelopes/idocs.js'
import { openJsonArray } from './envelopes/json-array.js'
import { isMultipart, openMultipart } from './envelopes/multipart.js'
import { isNdjson, openNdjson } from './envelopes/ndjson.js'
import { isReport, openReceipt } from './envelopes/receipt.js'
import { openSoapEnvelope } from './envelopes/soap-envelope.js'
import { binarySyntax, textSyntax } from './unknown-syntax.js'

export interface Bytes {
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly contentEncoding: string | undefined
  /** UTC; undefined where it is not known. */
  readonly receivedAt?: string
}

const mostDepth = 8

/**
 * Decompresses, decodes and parses a message and opens the envelopes around its documents, however deep; gives the parts in their order. A part
 * that cannot be read carries its failure; the message itself fails where nothing of it can be read or its envelope is not one. Whether it
 * is XML or JSON is seen from its first character; what is neither, or is called CSV, is read by `texts`, where the channel has such a language. A message that passes the limits, or has more than
 * 10,000 parts in all, fails as a whole with limit-exceeded and is not read to its end. `unpacked` is told of all bytes that were
 * compressed in it or encoded.
 */
export const readMessage = async (message: Bytes, limits: MessageLimits, texts?: ReadWholeTexts, unpacked?: (bytes: Uint8Array) => void): Promise<Result<readonly Enclosed[]>> => {
  const budget = makeBudget(limits, unpacked)
  const parts = await openBytes(message, budget, 0, texts)
  return budget.excess() ?? parts
}

/** Opens the envelopes around a document that was cut out of a larger message and read; limits are those of a message for itself. */
export const openDocument = (document: Enclosed): Result<readonly Enclosed[]> => {
  const budget = makeBudget({ maxExpandedBytes: 0 })
  const parts = openAll([document], budget, 1)
  return budget.excess() ?? parts
}

const openBytes = async (message: Bytes, budget: Budget, depth: number, texts: ReadWholeTexts | undefined): Promise<Result<readonly Enclosed[]>> => {
  const expanded = await budget.expand(message.bytes, message.contentEncoding)
  if (!expanded.ok) return expanded
  const { contentType } = message
  if (isReport(contentType)) return openTree({ head: bareHead, root: openReceipt(expanded.value, contentType, message.receivedAt) }, budget, depth)
  if (!isMultipart(contentType)) return openText(expanded.value, contentType, budget, depth, texts)
  if (depth >= mostDepth) return tooDeep
  const sections = openMultipart(expanded.value, contentType)
  if (!sections.ok) return sections
  const parts: Enclosed[] = []
  for (const section of sections.value) {
    budget.unpacked(section.bytes)
    const opened = await openBytes({ ...section, contentEncoding: undefined }, budget, depth + 1, texts)
    parts.push(...(opened.ok ? opened.value : [onePart({ head: bareHead, root: opened }, budget)]))
    const excess = budget.excess()
    if (excess !== undefined) return excess
  }
  return ok(parts)
}

const tooDeep = fail('limit-exceeded', 'body', `Envelopes are nested more than ${mostDepth} levels deep.`)

const openText = (bytes: Uint8Array, contentType: string, budget: Budget, depth: number, texts: ReadWholeTexts | undefined): Result<readonly Enclosed[]> => {
  const binary = binarySyntax(bytes)
  if (binary !== undefined) return fail('syntax-unknown', 'byte 0', `The message is neither XML nor JSON: it ${binary}. ${whatToDo}`)
  const other = texts !== undefined && mayBeText(bytes, contentType) ? openOther(bytes, contentType, texts, budget, depth) : undefined
  if (other !== undefined) return other
  const decoded = decodeText(bytes, contentType)
  if (!decoded.ok) return decoded
  const { text } = decoded.value
  const first = /\S/.exec(text)?.[0] ?? ''
  if (first === '') return fail('message-empty', 'body', 'The message has no content; send the document as the body.')
  if (first === '<' || (/[{[]/.test(first) && /^[^;]*xml/i.test(contentType))) {
    const root = budget.read(readXml, text)
    const opened = openTree({ head: bareHead, root }, budget, depth)
    return opened.ok && root.ok ? ok(opened.value.map(({ head, root: inner, whole }) => ({ head, root: inner, ...(whole === undefined ? undefined : { whole }), source: { text, root: root.value } }))) : opened
  }
  const json = budget.read(readJson, text)
  if (json.ok) return openTree({ head: bareHead, root: json }, budget, depth)
  if (budget.excess() !== undefined) return json
  if (isNdjson(text, contentType)) return openAll(openNdjson(text, budget), budget, depth + 1)
  const looksLikeJson = first === '{' || first === '[' || /^[^;]*json/i.test(contentType)
  return looksLikeJson ? json : fail('syntax-unknown', '1:1', `The message is neither XML nor JSON: it ${textSyntax(text)}. ${whatToDoWithText}`)
}

/** How texts that are neither XML nor JSON are read where they are held whole. */
export interface ReadWholeTexts {
  readonly claims: (text: string) => boolean
  /** Of bytes that do not say it as others do. */
  readonly encodingOf: (bytes: Uint8Array) => string | undefined
  readonly read: (text: string, limits: Record<string, never>, count: NodeCount) => Result<readonly TextPart[]>
}

export interface ReadTexts extends ReadWholeTexts {
  /** How a text that begins so and is claimed is cut where it is too large to be held; undefined where it is one document, 'more' where more of its beginning is needed, all of which is there if `isWhole`. */
  readonly cutting: (head: string, isWhole: boolean) => Result<TextCutting | undefined> | 'more'
}

interface TextPart {
  readonly head: PartHead | undefined
  readonly root: Result<Node>
}

/** What has to see all of a text, step by step, before it is cut, and what cuts it then. */
export interface TextCutting {
  readonly survey: { readonly push: (text: string) => void, readonly end: () => void, readonly failure: () => Failure | undefined } | undefined
  readonly cutter: () => { readonly push: (text: string) => readonly TextPiece[], readonly end: () => readonly TextPiece[], readonly failure: () => Failure | undefined }
}

export interface TextPiece {
  readonly length: number
  readonly read: (mostNodes: number) => Result<readonly TextPart[]>
}

/** Whether bytes that begin so, and are called that, may be text that is neither XML nor JSON. */
export const mayBeText = (bytes: Uint8Array, contentType: string): boolean => {
  if (/^\s*(?:text|application)\/(?:x-)?(?:csv|comma-separated-values|tab-separated-values|edifact|edi-x12|edi-consent)\b/i.test(contentType)) return true
  const first = bytes.find((byte) => !passedOver.includes(byte))
  return first !== undefined && !/^[^;]*(?:xml|json)/i.test(contentType) && !'<{['.includes(String.fromCharCode(first))
}

/** White space, and what marks the order of bytes. */
const passedOver: readonly number[] = [0x20, 0x09, 0x0a, 0x0d, 0x00, 0xef, 0xbb, 0xbf, 0xff, 0xfe]

/** In the encoding that the bytes or the description say, where nothing else says one; undefined where it is none that is read so. */
const openOther = (bytes: Uint8Array, contentType: string, { claims, encodingOf, read }: ReadWholeTexts, budget: Budget, depth: number): Result<readonly Enclosed[]> | undefined => {
  const decoded = decodeText(bytes, contentTypeOf(bytes, contentType, encodingOf))
  if (!decoded.ok) return claims(Buffer.from(bytes.subarray(0, mostLooked)).toString('latin1')) ? decoded : undefined
  if (!claims(decoded.value.text)) return undefined
  const parts = budget.read(read, decoded.value.text)
  return parts.ok ? openAll(parts.value.map(({ head, root }) => ({ head: head ?? bareHead, root })), budget, depth + 1) : parts
}

/** With the charset that the bytes or the description say, where nothing else says one. */
export const contentTypeOf = (bytes: Uint8Array, contentType: string, encodingOf: ReadTexts['encodingOf']): string => {
  const encoding = /charset\s*=/i.test(contentType) ? undefined : encodingOf(bytes)
  return encoding === undefined ? contentType : `text/plain; charset=${encoding}`
}

const mostLooked = 1000

const whatToDo = 'Send the document as XML or JSON; gzip, multipart and NDJSON may be around it.'
/** Interchanges, tables and records are taken where a channel says so. */
const whatToDoWithText = 'Send the document as XML or JSON, in gzip, multipart or NDJSON or not, or to a channel that has a format of this syntax.'

const openers: readonly OpenEnvelope[] = [openJsonArray, openSoapEnvelope, openBusinessDocument, openIdocs]

const openTree = ({ head, root, whole }: Enclosed, budget: Budget, depth: number): Result<readonly Enclosed[]> => {
  if (!root.ok) return root
  for (const open of whole === true ? [] : openers) {
    const opened = open(root.value)
    if (opened === undefined) continue
    if (depth >= mostDepth) return tooDeep
    if (!opened.ok) return opened
    return openAll(opened.value.map((inner) => ({ ...inner, head: inside(head, inner.head) })), budget, depth + 1)
  }
  const own = cxmlHeadOf(root.value)
  return ok([onePart({ head: own === undefined ? head : inside(head, own), root }, budget)])
}

/** What cannot be opened fails alone, being a part among others. */
const openAll = (enclosed: Iterable<Enclosed>, budget: Budget, depth: number): Result<readonly Enclosed[]> => {
  const parts: Enclosed[] = []
  for (const one of enclosed) {
    const opened = openTree(one, budget, depth)
    parts.push(...(opened.ok ? opened.value : [onePart({ head: one.head, root: opened }, budget)]))
    const excess = budget.excess()
    if (excess !== undefined) return excess
  }
  return ok(parts)
}

const onePart = (part: Enclosed, budget: Budget): Enclosed => {
  budget.addPart()
  return part
}

/** The inner envelope is nearer to the document; what it leaves out the outer one may say. */
const inside = (outer: PartHead, inner: PartHead): PartHead => ({
  sender: inner.sender ?? outer.sender,
  receiver: inner.receiver ?? outer.receiver,
  controlNumber: inner.controlNumber ?? outer.controlNumber,
  test: inner.test || outer.test,
  ackWanted: inner.ackWanted || outer.ackWanted,
})
