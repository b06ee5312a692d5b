import { decodeText } from '../../schemas/decode-text.js'
import { readJson } from '../../schemas/json-reader.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import { decompress } from './decompress.js'
import { openBusinessDocument } from './envelopes/business-document.js'
import { bareHead, type Enclosed, type OpenEnvelope, type PartHead } from './envelopes/envelope.js'
import { openJsonArray } from './envelopes/json-array.js'
import { isMultipart, openMultipart } from './envelopes/multipart.js'
import { openNdjson } from './envelopes/ndjson.js'
import { openSoapEnvelope } from './envelopes/soap-envelope.js'

export interface Bytes {
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly contentEncoding: string | undefined
}

const most = { depth: 8, parts: 10_000 } as const

/**
 * Decompresses, decodes and parses a message and opens the envelopes around its documents, however deep; gives the parts in their order. A part
 * that cannot be read carries its failure; the message itself fails where nothing of it can be read or its envelope is not one. Whether it
 * is XML or JSON is seen from its first character. `maxBytes` is the most that it may expand to.
 */
export const readMessage = async (message: Bytes, maxBytes: number): Promise<Result<readonly Enclosed[]>> => {
  const parts = await openBytes(message, maxBytes, 0)
  if (!parts.ok || parts.value.length <= most.parts) return parts
  return fail('limit-exceeded', 'body', `The message has more than ${most.parts} parts; send it in several.`)
}

const openBytes = async (message: Bytes, maxBytes: number, depth: number): Promise<Result<readonly Enclosed[]>> => {
  const expanded = await decompress(message.bytes, message.contentEncoding, maxBytes)
  if (!expanded.ok) return expanded
  const { contentType } = message
  if (!isMultipart(contentType)) return openText(expanded.value, contentType, depth)
  if (depth >= most.depth) return tooDeep
  const sections = openMultipart(expanded.value, contentType)
  if (!sections.ok) return sections
  const parts: Enclosed[] = []
  for (const section of sections.value) {
    const opened = await openBytes({ ...section, contentEncoding: undefined }, maxBytes, depth + 1)
    parts.push(...(opened.ok ? opened.value : [{ head: bareHead, root: opened }]))
  }
  return ok(parts)
}

const tooDeep = fail('limit-exceeded', 'body', `Envelopes are nested more than ${most.depth} levels deep.`)

const openText = (bytes: Uint8Array, contentType: string, depth: number): Result<readonly Enclosed[]> => {
  const decoded = decodeText(bytes, contentType)
  if (!decoded.ok) return decoded
  const { text } = decoded.value
  const first = text.trimStart().charAt(0)
  if (first === '') return fail('message-empty', 'body', 'The message has no content.')
  if (first === '<' || /^[^;]*xml/i.test(contentType)) return openTree(readXml(text), bareHead, depth)
  const json = readJson(text)
  if (json.ok) return openTree(json, bareHead, depth)
  const lines = openNdjson(text, contentType)
  if (lines !== undefined) return ok(lines.flatMap((line) => openEnclosed(line, depth + 1)))
  const looksLikeJson = first === '{' || first === '[' || /^[^;]*json/i.test(contentType)
  return looksLikeJson ? json : fail('xml-not-well-formed', '1:1', `The message begins with ${JSON.stringify(first)}: it is neither XML nor JSON.`)
}

const openers: readonly OpenEnvelope[] = [openJsonArray, openSoapEnvelope, openBusinessDocument]

const openTree = (root: Result<Node>, head: PartHead, depth: number): Result<readonly Enclosed[]> => {
  if (!root.ok) return root
  for (const open of openers) {
    const opened = open(root.value)
    if (opened === undefined) continue
    if (depth >= most.depth) return tooDeep
    if (!opened.ok) return opened
    return ok(opened.value.flatMap((inner) => openEnclosed({ head: inside(head, inner.head), root: inner.root }, depth + 1)))
  }
  return ok([{ head, root }])
}

/** What cannot be opened fails alone once it is a part among others. */
const openEnclosed = ({ head, root }: Enclosed, depth: number): readonly Enclosed[] => {
  const opened = openTree(root, head, depth)
  return opened.ok ? opened.value : [{ head, root: opened }]
}

/** The inner envelope is nearer to the document; what it leaves out the outer one may say. */
const inside = (outer: PartHead, inner: PartHead): PartHead => ({
  sender: inner.sender ?? outer.sender,
  receiver: inner.receiver ?? outer.receiver,
  controlNumber: inner.controlNumber ?? outer.controlNumber,
  test: inner.test || outer.test,
  ackWanted: inner.ackWanted || outer.ackWanted,
})
