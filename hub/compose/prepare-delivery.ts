import { gzipSync } from 'node:zlib'
import type { FormatInfo, Translator } from '../../mappings/engine/translator.js'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { documentKinds } from '../../schemas/canonical/canonical-document.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { writeJson } from '../../schemas/json-writer.js'
import { writeXml } from '../../schemas/xml-writer.js'
import type { DueDelivery } from '../central/deliveries/claim-lanes.js'
import type { Endpoint, Interchanges } from '../delivery/endpoint.js'
import type { WrittenPayload } from '../delivery/sender.js'
import { stampInterchange } from '../delivery/stamp-interchange.js'
import { stampControlNumber } from '../delivery/stamp-control-number.js'

const isDocument = (value: object): value is CanonicalDocument => 'kind' in value && documentKinds.some((kind) => kind === value.kind)

/** Half of the usual level's time for a tenth more of bytes; the small window spares a quarter of a megabyte of memory each time. */
const packing = { level: 3, windowBits: 13, memLevel: 6 } as const

const packed = (bytes: Uint8Array): Pick<WrittenPayload, 'payload' | 'bytes'> => ({ bytes, payload: gzipSync(bytes, packing) })

/**
 * Writes a delivery's document in its endpoint's format, with its control number, compressed. An acknowledgement for which the format has no form leaves in the hub's own, and what is no
 * document as JSON. An interchange bears the number that was drawn for it, 0 before. Fails as the mapping does.
 */
export const makePrepareDelivery = (translator: Translator, nowMs: () => number) => (endpoint: Endpoint, { id, control, document, interchangeNumber, test }: DueDelivery): Result<WrittenPayload> => {
  if (document === null) return fail('not-found', 'document', 'The document is not kept any more.')
  if (!isDocument(document)) return ok({ id, ...packed(Buffer.from(JSON.stringify(document), 'utf8')), payloadType: 'json', format: 'json', mappingVersion: '', controlNumber: id })
  const meant = translator.formatFor(endpoint.format, document)
  const format = meant.ok || document.kind !== 'application-response' ? meant : translator.formatFor('canonical', document)
  if (!format.ok) return format
  const isOwnForm = !meant.ok
  const written = translator.write(format.value.id, document, endpoint.json && !isOwnForm ? 'json' : undefined)
  if (!written.ok) return written
  const number = interchangeNumber ?? 0
  const { root, controlNumber } = format.value.syntax === 'segments' && endpoint.interchanges !== undefined
    ? { root: stampInterchange(written.value, asking(endpoint.interchanges, document), { number, test, nowMs: nowMs() }), controlNumber: String(number) }
    : stampControlNumber(written.value, control, id)
  const bytes = bytesOf(translator, format.value, root)
  if (!bytes.ok) return bytes
  return ok({ id, ...packed(bytes.value), payloadType: payloadTypeOf(format.value.syntax, root), format: format.value.id, mappingVersion: format.value.version, controlNumber })
}

/** What acknowledges asks for no acknowledgement. */
const asking = (interchanges: Interchanges, { kind }: CanonicalDocument): Interchanges => (kind === 'application-response' ? { ...interchanges, acknowledgement: false } : interchanges)

const isMarkup = (syntax: FormatInfo['syntax']): boolean => syntax === 'xml' || syntax === 'json'

const payloadTypeOf = (syntax: FormatInfo['syntax'], root: Node): WrittenPayload['payloadType'] =>
  isMarkup(syntax) ? root.kind === 'element' ? 'xml' : 'json' : syntax === 'csv' ? 'csv' : 'text'

/** XML and JSON leave as UTF-8, everything else in the encoding that it says or is described to have. */
const bytesOf = (translator: Translator, { id, syntax }: FormatInfo, root: Node): Result<Uint8Array> => {
  if (!isMarkup(syntax)) {
    const text = translator.textOf(id, [root])
    return text.ok ? translator.bytesOf(id, text.value) : text
  }
  const text = root.kind === 'element' ? writeXml(root, { prefixes: translator.prefixesOf(id), doctype: translator.doctypeOf(id) }) : writeJson(root)
  return text.ok ? ok(Buffer.from(text.value, 'utf8')) : text
}
