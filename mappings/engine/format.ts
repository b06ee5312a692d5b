import type { CanonicalDocument, DocumentKind } from '../../schemas/canonical/canonical-document.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import type { Result } from '../../schemas/result.js'

/** In which syntax documents stand; tables, segments and records are read into the tree that JSON would give, named after its document. */
export const syntaxes = ['xml', 'json', 'csv', 'segments', 'fixed'] as const
export type Syntax = (typeof syntaxes)[number]

/** Where something of the canonical document stands in the source. */
export interface SourcePlace {
  /** `lines[0].quantity.value` */
  readonly target: string
  /** The path in the source, with positions where a name stands more than once. */
  readonly source: string
  readonly line: number
  readonly column: number
}

export interface LineageEntry extends SourcePlace {
  /** As sent. */
  readonly value: string
}

export interface FormatInfo {
  /** `ubl/order` */
  readonly id: string
  /** `ubl` */
  readonly language: string
  readonly kind: DocumentKind
  readonly syntax: Syntax
  /** Where a language has several formats for a kind: what the documents say that this one writes. */
  readonly writes: Readonly<Record<string, string>>
  /** 16 hex digits of SHA-256 over the files of the map, functions.ts as written among them, and the engine's version. */
  readonly version: string
}

export interface Translation {
  /** Empty when an issue is an error. Their shape is what the map makes; validateDocument says whether it is a canonical document. */
  readonly documents: readonly CanonicalDocument[]
  readonly test: boolean
  readonly issues: readonly Issue[]
  /** Empty unless it was asked for. Noted down while the document was read, and put into words when it is first looked at. */
  readonly lineage: readonly LineageEntry[]
  /** Where the objects and the extensions of the document stand, which are no single values; empty unless the lineage was asked for. */
  readonly objects: readonly SourcePlace[]
}

/** One format, from whatever it is made. */
export interface Format {
  readonly info: FormatInfo
  readonly isRecognised: (root: Node) => boolean
  /** What isRecognised goes by, to tell people: the root element, and the values of members of the root or at the end of a path, and paths of elements that must be there. */
  readonly knownBy: { readonly root?: { readonly name: string, readonly namespace: string }, readonly anyRoot?: true, readonly members: Readonly<Record<string, string>>, readonly paths: readonly string[] }
  /** The child at which a document of many is cut into parts that carry its head each, where the format says so. */
  readonly split?: ElementName
  readonly read: (root: Node, lineage: boolean) => Translation
  /** What breaks the format's description and the profiles that the document says it keeps to; `strict` refuses what they do not know. */
  readonly validate: (root: Node, strict: boolean) => readonly Issue[]
  /** Fails with value-invalid where the format can't say something of the document and nothing may stand for it. */
  readonly write: (document: CanonicalDocument) => Result<Node>
  /** Turns what `write` gives into JSON, where a format of XML has such a form too. */
  readonly json?: ((root: Node) => Node) | undefined
  readonly files: Readonly<Record<string, string>>
  /** The system identifier of the document type declaration that is written. */
  readonly doctype: string | undefined
  /** Elements, and attributes with an `@`, whose values are secret. */
  readonly secret: readonly string[]
  /** Prefixes by namespace, '' for the root's, for whoever writes XML. */
  readonly prefixes: Readonly<Record<string, string>>
}

export interface ElementName {
  readonly name: string
  readonly namespace: string
}
