import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { Node } from '../../schemas/node.js'
import type { Issue } from '../../schemas/message-answer.js'
import { lazily } from '../../schemas/lazily.js'
import { ok, type Result } from '../../schemas/result.js'
import { rememberOrder } from './built-node.js'
import { isDraft, type Draft } from './canonical-path.js'
import { compileReading } from './compile-reading.js'
import { compileWriting } from './compile-writing.js'
import type { LoadedMap } from './format-folder.js'
import type { Format } from './format.js'
import { readDocument } from './reading.js'
import { openSaidInSource } from './said-in-source.js'
import { holds, textsAt, type SourcePredicate } from './source-path.js'
import { tracedTranslation } from './traced-translation.js'
import { writeDocument } from './writing.js'

/** The predicates that people can be told: the value of a member, or at the end of a path of elements. */
const membersOf = (where: readonly SourcePredicate[]): Readonly<Record<string, string>> =>
  Object.fromEntries(where.flatMap(({ path, value, others, beginnings, negated }) => (value === undefined || negated ? [] : [[path.map(({ name }) => name).join('/'), [value, ...others, ...beginnings.map((beginning) => `${beginning}…`)].join(' or ')]])))

/** Elements that must be there, by their names: `Request/OrderRequest`. */
const pathsOf = (where: readonly SourcePredicate[]): readonly string[] =>
  where.flatMap(({ path, value, negated }) => (value !== undefined || negated || path.some(({ attribute }) => attribute) ? [] : [path.map(({ name }) => name).join('/')]))

/** Compiles one map both ways. Fails with mapping-invalid at the file and line of the rule. */
export const compileMap = ({ shape, reshaped, where, writes, version, files, checked, validate }: LoadedMap): Result<Format> => {
  const reader = lazily(() => compileReading(shape))
  const writer = lazily(() => compileWriting(shape))
  const said = openSaidInSource(shape)
  const order = lazily(() => rememberOrder(shape.childOrder()))
  const wrong = checked ? undefined : [reader(), writer()].find(({ ok }) => !ok)
  if (wrong?.ok === false) return wrong
  const { test, json } = shape
  /** The tree that the map is written for. */
  const treeOf = (root: Node): Node | undefined => ((root.kind === 'element') === (shape.syntax === 'xml') ? root : json?.read(root))
  return ok({
    info: { id: shape.id, language: shape.language, kind: shape.kind, syntax: shape.syntax, writes, version },
    isRecognised: (sent) => {
      const root = treeOf(sent)
      return root !== undefined && root.kind !== 'array' && (shape.anyRoot || (root.name === shape.root.name && root.namespace === shape.root.namespace)) && holds(root, where)
    },
    knownBy: { ...shape.syntax === 'xml' ? { root: shape.root } : {}, ...shape.anyRoot ? { anyRoot: true } as const : {}, members: membersOf(where), paths: pathsOf(where) },
    ...(shape.split === undefined ? {} : { split: shape.split }),
    read: (sent, lineage) => {
      const flat = treeOf(sent) ?? sent
      const tree = reshaped === undefined ? ok(flat) : reshaped.read(flat)
      if (!tree.ok) return { documents: [], test: false, issues: [{ code: tree.code, at: tree.at, detail: tree.detail }], lineage: [], objects: [] }
      const root = tree.value
      const reading = readDocument(shape, compiled(reader()), root, lineage, said(root))
      if (root.cut === true) numberPart(reading.document)
      const refused = reading.issues.some(({ severity }) => severity === undefined)
      // The map makes the shape; validateDocument, which every caller runs, holds it against the schema.
      const documents = refused ? [] : [reading.document as unknown as CanonicalDocument]
      const isTest = test !== undefined && textsAt(root, test.segments).some((text) => /^(1|true|test|x)$/i.test(text))
      const { issues, traced } = reading
      if (!lineage) return { documents, test: isTest, issues, lineage: [], objects: [] }
      return tracedTranslation({ documents, test: isTest, issues }, traced)
    },
    validate: (sent, strict) => {
      const root = treeOf(sent) ?? sent
      const found = validate(root, strict)
      if (sent.cut === true) return found.filter(isOfPart)
      // JSON has no order that could be wrong.
      return root === sent ? found : found.filter(({ rule }) => rule !== 'order')
    },
    write: (document) => writeDocument(shape, compiled(writer()), order(), { ...document }, reshaped),
    json: json?.write,
    files,
    doctype: shape.doctype,
    secret: [...shape.secret],
    prefixes: Object.fromEntries([...shape.ownNamespaces.keys()].map((uri) => [uri, uri === shape.root.namespace ? '' : shape.prefixOf(uri).replace(/:$/, '')])),
  })
}

/** A part of a giant lacks what stands in the others: how often something stands at the root, and a profile's rules, are of the whole. */
const isOfPart = ({ rule, at }: Issue): boolean =>
  rule === 'type' || rule === 'codes' || rule === 'order' || rule === 'node-unknown' || (rule === 'occurrence' && at.slice(at.indexOf(' ') + 1).includes('/'))

/** Parts of one giant all have its number: that of their line behind it tells them apart. */
const numberPart = (document: Draft): void => {
  const { number, lines } = document
  const line: unknown = Array.isArray(lines) ? lines[0] : undefined
  if (typeof number === 'string' && isDraft(line) && typeof line['number'] === 'string') document['number'] = `${number}/${line['number']}`
}

/** A map that was compiled before compiles again. */
const compiled = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.at}: ${result.detail}`)
  return result.value
}
