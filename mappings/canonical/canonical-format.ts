import type { TSchema } from '@sinclair/typebox'
import { createHash } from 'node:crypto'
import { canonicalSchemas, documentKinds, type CanonicalDocument, type DocumentKind } from '../../schemas/canonical/canonical-document.js'
import { nodeOf } from '../../schemas/canonical/document-node.js'
import { normalise, type Place } from '../../schemas/canonical/normalise.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { Format, SourcePlace } from '../engine/format.js'

/** The language of documents that come in the hub's own form. */
export const canonicalLanguage = 'canonical'

const textOfKind = (root: Node): string | undefined => root.kind === 'object' ? root.children.find(({ name }) => name === 'kind')?.text : undefined

const placeOf = ({ path, node }: Place): SourcePlace => ({ target: path, source: path, line: node.line, column: node.column })

const canonicalFormat = (kind: DocumentKind, schemaText: string, schema: TSchema): Format => ({
  info: { id: `${canonicalLanguage}/${kind}`, language: canonicalLanguage, kind, syntax: 'json', writes: {}, version: createHash('sha256').update(schemaText).digest('hex').slice(0, 16) },
  isRecognised: (root) => textOfKind(root) === kind,
  knownBy: { members: { kind }, paths: [] },
  read: (root, lineage) => {
    const { value, issues, leaves, objects } = normalise(schema, root, lineage)
    // Held against the schema by validateDocument, as every document is.
    const documents = issues.length > 0 ? [] : [value as unknown as CanonicalDocument]
    return { documents, test: false, issues, lineage: lineage ? leaves.map((leaf) => ({ ...placeOf(leaf), value: leaf.node.text })) : [], objects: lineage ? objects.map(placeOf) : [] }
  },
  validate: () => [],
  write: (document) => ok(nodeOf(document)),
  files: { [fileOf(kind)]: schemaText },
  doctype: undefined,
  secret: [],
  prefixes: {},
})

const fileOf = (kind: DocumentKind): string => `${canonicalLanguage}/${kind}.schema.json`

/** The hub's own form as a format, one for each kind: recognised by `kind`. */
export const canonicalFormats: readonly Format[] = documentKinds.map((kind) => canonicalFormat(kind, JSON.stringify(canonicalSchemas[kind]), canonicalSchemas[kind]))

/** The format of one kind as it was when its schema was kept. Fails with mapping-invalid. */
export const canonicalFormatOf = (id: string, files: Readonly<Record<string, string>>): Result<Format> => {
  const kind = documentKinds.find((one) => id === `${canonicalLanguage}/${one}`)
  const text = kind === undefined ? undefined : files[fileOf(kind)]
  if (kind === undefined || text === undefined) return fail('mapping-invalid', id, `What was kept of ${id} holds no schema of it.`)
  const schema: unknown = JSON.parse(text)
  return isSchema(schema) ? ok(canonicalFormat(kind, text, schema)) : fail('mapping-invalid', id, `What was kept of ${id} is no schema.`)
}

// The hub keeps nothing here that it did not write itself.
const isSchema = (value: unknown): value is TSchema => typeof value === 'object' && value !== null
