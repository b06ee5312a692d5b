import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { threadAnchorsOf } from '../../schemas/thread-id.js'

/**
 * Within which deliveries to one endpoint keep their order: the first thread that a document says it belongs to (`order:PO-1@erp/gln:…`), or of a party or
 * product its own number with its system (`party:K-7@erp`).
 */
export const businessKeyOf = (system: string, document: CanonicalDocument): string => {
  const [anchor] = threadAnchorsOf(system, document)
  return anchor === undefined ? `${document.kind}:${document.number}@${system}` : `${anchor.kind}:${anchor.number}@${anchor.issuer ?? system}`
}
