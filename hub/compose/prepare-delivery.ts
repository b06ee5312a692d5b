import { gzipSync } from 'node:zlib'
import type { Translator } from '../../mappings/engine/translator.js'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { documentKinds } from '../../schemas/canonical/canonical-document.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { writeJson } from '../../schemas/json-writer.js'
import { writeXml } from '../../schemas/xml-writer.js'
import type { DueDelivery } from '../central/deliveries/claim-lanes.js'
import type { Endpoint } from '../delivery/endpoint.js'
import type { WrittenPayload } from '../delivery/sender.js'
import { stampControlNumber } from '../delivery/stamp-control-number.js'

const isDocument = (value: object): value is CanonicalDocument => 'kind' in value && documentKinds.some((kind) => kind === value.kind)

/** Half of the usual level's time for a tenth more of bytes; the small window spares a quarter of a megabyte of memory each time. */
const packing = { level: 3, windowBits: 13, memLevel: 6 } as const

const packed = (text: string): Pick<WrittenPayload, 'payload' | 'bytes'> => {
  const bytes = Buffer.from(text, 'utf8')
  return { bytes, payload: gzipSync(bytes, packing) }
}

/**
 * Writes a delivery's document in its endpoint's format, with its control number, compressed. An acknowledgement for which the format has no form leaves in the hub's own, and what is no
 * document as JSON. Fails as the mapping does.
 */
export const makePrepareDelivery = (translator: Translator) => (endpoint: Endpoint, { id, control, document }: DueDelivery): Result<WrittenPayload> => {
  if (document === null) return fail('not-found', 'document', 'The document is not kept any more.')
  if (!isDocument(document)) return ok({ id, ...packed(JSON.stringify(document)), payloadType: 'json', format: 'json', mappingVersion: '', controlNumber: id })
  const meant = translator.formatFor(endpoint.format, document)
  const format = meant.ok || document.kind !== 'application-response' ? meant : translator.formatFor('canonical', document)
  if (!format.ok) return format
  const isOwnForm = !meant.ok
  const written = translator.write(format.value.id, document, endpoint.json && !isOwnForm ? 'json' : undefined)
  if (!written.ok) return written
  const { root, controlNumber } = stampControlNumber(written.value, control, id)
  const isXml = root.kind === 'element' && format.value.syntax !== 'csv'
  const text = format.value.syntax === 'csv' ? translator.tableText(format.value.id, [root]) : isXml
    ? writeXml(root, { prefixes: translator.prefixesOf(format.value.id), doctype: translator.doctypeOf(format.value.id) }) : writeJson(root)
  if (!text.ok) return text
  return ok({ id, ...packed(text.value), payloadType: format.value.syntax === 'csv' ? 'csv' : isXml ? 'xml' : 'json', format: format.value.id, mappingVersion: format.value.version, controlNumber })
}
