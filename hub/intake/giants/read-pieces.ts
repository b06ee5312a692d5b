import { decodeStream } from '../../../schemas/decode-stream.js'
import { readJson } from '../../../schemas/json-reader.js'
import { makeJsonArraySplitter, makeLineSplitter } from '../../../schemas/json-splitter.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import { longestPiece, type Piece, type Splitter } from '../../../schemas/splitter.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { makeXmlSplitter, type XmlPiece } from '../../../schemas/xml-splitter.js'
import type { Channel } from '../channel.js'
import type { Enclosed, XmlSource } from '../envelopes/envelope.js'
import { isMultipart } from '../envelopes/multipart.js'
import { isNdjsonType } from '../envelopes/ndjson.js'
import { readMessage, type ReadTexts } from '../read-message.js'
import { cutText, findCutting } from './cut-text.js'
import { expandStream, type Expansion } from './expand-stream.js'
import { failed, opened, type GiantBytes, type GiantPiece, type Pieces } from './giant-piece.js'
import { ownText, textUnder } from './own-text.js'
import { withLineFeeds } from './whole-line-ends.js'

interface CutAt extends Pick<Node, 'name' | 'namespace'> {
  /** The root may have any name: what it is is known by its first child, which is of this name or makes it a root like others. */
  readonly isSeenByChild?: boolean
}

/** How a large XML document is taken in parts, by its root element without content: at a child of this name where it is one of many. */
export type PartsOf = (root: Node, languages: readonly string[]) => 'whole' | 'children' | CutAt

/** What of a channel it takes to cut a giant. */
type GiantChannel = Pick<Channel, 'languages' | 'maxBytes' | 'maxNodes' | 'maxGiantBytes' | 'maxExpandedBytes'>

/** How often the channel's limit a giant may expand to. */
export const mostExpansion = 2

/**
 * Cuts a giant into its pieces, always the same ones: the children of an XML root that is no document itself, the elements of a JSON array at the root, the
 * lines of NDJSON, the documents of a table, an interchange or a file of records. What is none of these is read as a small message is, if it is not larger than one may be. Where it cannot go on, the last piece is one
 * part that says why.
 */
export const readPieces = async function* (partsOf: PartsOf, channel: GiantChannel, giant: GiantBytes, texts?: ReadTexts): Pieces {
  const expansion = expandStream(giant, channel.maxGiantBytes * mostExpansion)
  const cutting = texts === undefined || isMultipart(giant.contentType) ? undefined : await findCutting(expansion, giant.contentType, texts)
  if (cutting !== undefined) {
    yield* cutText(cutting, expansion, channel.maxNodes, () => readWhole(channel, giant, texts))
    return
  }
  const steps = isMultipart(giant.contentType) ? undefined : await begin(expansion, giant.contentType)
  const splitting = steps?.ok === true ? chooseSplitting(steps.value.head, giant.contentType, partsOf, channel) : undefined
  if (steps?.ok === false) yield [failed(expansion.failure() ?? steps)]
  else if (steps === undefined || splitting === undefined) yield* readWhole(channel, giant, texts)
  else yield* split(splitting, steps.value.texts, expansion, () => readWhole(channel, giant, texts))
}

interface Begun {
  /** The text up to where it can be seen what it is: the first character that is no space, or the first line. */
  readonly head: string
  readonly texts: AsyncGenerator<Result<string>>
}

const begin = async (expansion: Expansion, contentType: string): Promise<Result<Begun>> => {
  const texts = withLineFeeds(decodeStream(expansion.bytes, contentType))
  let head = ''
  for (;;) {
    const step = await texts.next()
    if (step.done === true) break
    if (!step.value.ok) return step.value
    head += step.value.value
    const first = head.trimStart()
    if (first !== '' && (!first.startsWith('{') || first.includes('\n') || head.length > longestPiece)) break
  }
  return ok({ head, texts: resumed(head, texts) })
}

const resumed = async function* (head: string, texts: AsyncGenerator<Result<string>>): AsyncGenerator<Result<string>> {
  yield ok(head)
  yield* texts
}

/** A splitter and how its pieces are read. */
interface Splitting {
  readonly splitter: Splitter
  readonly isWhole: () => boolean
  readonly pieceOf: (cut: Result<Piece>) => GiantPiece | undefined
}

/** Undefined where it cannot be taken in parts. */
const chooseSplitting = (head: string, contentType: string, partsOf: PartsOf, channel: GiantChannel): Splitting | undefined => {
  const first = head.trimStart()
  if (first.startsWith('<')) return splitXml(partsOf, channel)
  const lines = isNdjsonType(contentType)
  if (first.startsWith('[') && !lines) return splitJson(makeJsonArraySplitter(), channel)
  const line = first.slice(0, Math.max(0, first.indexOf('\n')))
  return lines || (line !== '' && readJson(line).ok) ? splitJson(makeLineSplitter(), channel) : undefined
}

const splitJson = (splitter: Splitter, { maxNodes }: GiantChannel): Splitting => ({
  splitter,
  isWhole: () => false,
  pieceOf: (cut) => (cut.ok ? { length: cut.value.text.length, read: () => opened(readJson(cut.value.text, {}, { nodes: 0, most: maxNodes }, cut.value)) } : failed(cut)),
})

const envelopes = new Set(['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope', 'http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader'])

const splitXml = (partsOf: PartsOf, { languages, maxNodes }: GiantChannel): Splitting => {
  let root: Node | undefined
  let way: ReturnType<PartsOf> = 'children'
  const head: HeadPiece[] = []
  let begun = false
  const splitter = makeXmlSplitter({
    onRoot: (read) => {
      root = read
      way = envelopes.has(read.namespace) ? 'whole' : partsOf(read, languages)
    },
  })
  const read = ({ text, context }: XmlPiece): Result<Node> => readXml(text, {}, { nodes: 0, most: maxNodes }, context)
  /** What stands before the first of the many is of the head, which all of them carry. */
  const pieceOfMany = (cut: XmlPiece, { name, namespace }: CutAt): GiantPiece | undefined => {
    if (localName(cut) === name) {
      begun = true
      const carried = [...head]
      return { length: cut.text.length, read: () => withHead(root, carried, cut, read(cut)) }
    }
    const node = read(cut)
    if (!node.ok) return failed(node)
    if (begun) return failed(fail('envelope-invalid', `${cut.line}:${cut.column}`, `A ${node.value.name} stands behind the first ${name} of ${namespace}, where no part of the message would carry it.`))
    head.push({ node: node.value, text: cut.text })
    return undefined
  }
  return {
    splitter,
    isWhole: () => way === 'whole',
    pieceOf: (cut) => {
      if (!cut.ok) return failed(cut)
      const piece = cut.value as XmlPiece
      if (typeof way !== 'string' && way.isSeenByChild === true) way = localName(piece) === way.name ? { name: way.name, namespace: way.namespace } : 'children'
      return typeof way === 'string' ? { length: piece.text.length, read: () => openedXml(piece, read(piece)) } : pieceOfMany(piece, way)
    },
  }
}

const localName = ({ text }: XmlPiece): string | undefined => /^<(?:[^\s/>:]*:)?([^\s/>:]*)/.exec(text)?.[1]

/** What stands before the first of many, read and as it was written. */
interface HeadPiece {
  readonly node: Node
  readonly text: string
}

const withHead = (root: Node | undefined, head: readonly HeadPiece[], piece: XmlPiece, one: Result<Node>): readonly Enclosed[] => {
  if (root === undefined || !one.ok) return opened(one)
  const { line, column } = one.value
  const whole = { ...root, cut: true as const, children: [...head.map(({ node }) => node), one.value], line, column }
  return opened(ok(whole), lazySource(whole, () => textUnder(root, [...head, piece].map(({ text }) => text).join(''), piece.context)))
}

/** Made when a schema asks for it. */
const lazySource = (root: Node, write: () => string): XmlSource => {
  let text: string | undefined
  return { root, get text() { return text ??= write() } }
}

/** With the text that it was read from, so that a schema is held against it as its sender wrote it. */
const openedXml = (piece: XmlPiece, root: Result<Node>): readonly Enclosed[] => (root.ok ? opened(root, lazySource(root.value, () => ownText(piece))) : opened(root))

const split = async function* (splitting: Splitting, texts: AsyncGenerator<Result<string>>, expansion: Expansion, whole: () => Pieces): Pieces {
  const { splitter, pieceOf } = splitting
  const piecesOf = (cuts: readonly Result<Piece>[]): readonly GiantPiece[] => cuts.flatMap((cut) => pieceOf(cut) ?? [])
  for await (const step of texts) {
    if (!step.ok) {
      yield [failed(expansion.failure() ?? step)]
      return
    }
    const pieces = piecesOf(splitter.push(step.value))
    if (splitting.isWhole()) {
      yield* whole()
      return
    }
    if (pieces.length > 0) yield pieces
    if (splitter.failure() !== undefined) break
  }
  const broken = splitter.failure() ?? expansion.failure()
  if (broken === undefined) yield piecesOf(splitter.end())
  const failure = broken ?? splitter.failure()
  if (failure !== undefined) yield [failed(failure)]
}

const readWhole = async function* (channel: GiantChannel, { source, bytes, contentType, contentEncoding }: GiantBytes, texts: ReadTexts | undefined): Pieces {
  const { maxBytes } = channel
  if (bytes > maxBytes) {
    yield [failed(fail('limit-exceeded', 'body', `The message has ${bytes} bytes and is no batch that can be taken in parts; one document may have ${maxBytes}.`))]
    return
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of source()) chunks.push(chunk)
  const parts = await readMessage({ bytes: Buffer.concat(chunks), contentType, contentEncoding }, channel, texts)
  yield parts.ok ? parts.value.map((part) => ({ length: 0, read: () => [part] })) : [failed(parts)]
}
