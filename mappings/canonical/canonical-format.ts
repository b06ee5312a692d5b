import { createHash } from 'node:crypto'
import { canonicalSchemas, documentKinds, type CanonicalDocument, type DocumentKind } from '../../schemas/canonical/canonical-document.js'
import { nodeOf } from '../../schemas/canonical/document-node.js'
import { normalise, type Place } from '../../schemas/canonical/normalise.js'
import type { Node } from '../../schemas/node.js'
import type { Format, SourcePlace } from '../engine/format.js'

/** The language of documents that come in the hub's own form. */
export const canonicalLanguage = 'canonical'

const textOfKind = (root: Node): string | undefined => root.kind === 'object' ? root.children.find(({ name }) => name === 'kind')?.text : undefined

const placeOf = ({ path, node }: Place): SourcePlace => ({ target: path, source: path, line: node.line, column: node.column })

const canonicalFormat = (kind: DocumentKind): Format => {
  const schema = JSON.stringify(canonicalSchemas[kind])
  return {
    info: { id: `canonical/${kind}`, language: canonicalLanguage, kind, syntax: 'json', version: createHash('sha256').update(schema).digest('hex').slice(0, 16) },
    isRecognised: (root) => textOfKind(root) === kind,
    knownBy: { members: { kind } },
    read: (root, lineage) => {
      const { value, issues, leaves, objects } = normalise(kind, root)
      // Held against the schema by validateDocument, as every document is.
      return { documents: issues.length > 0 ? [] : [value as unknown as CanonicalDocument], test: false, issues, lineage: lineage ? leaves.map((leaf) => ({ ...placeOf(leaf), value: leaf.node.text })) : [], objects: lineage ? objects.map(placeOf) : [] }
    },
    write: nodeOf,
    files: { [`canonical/${kind}.schema.json`]: schema },
    prefixes: {},
  }
}

/** The hub's own form as a format, one for each kind: recognised by `kind`. */
export const canonicalFormats: readonly Format[] = documentKinds.map(canonicalFormat)
