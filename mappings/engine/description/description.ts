import type { CsvDialect } from '../../../schemas/csv-reader.js'
import type { SegmentFamily, SegmentSeparators } from '../../../schemas/segment-separators.js'

/** What a text may be. */
export const valueKinds = ['text', 'token', 'code', 'decimal', 'integer', 'boolean', 'date', 'time', 'instant', 'binary'] as const
export type ValueKind = (typeof valueKinds)[number]

/** A type in place: what the text of an element, attribute or member is. */
export interface ValueType {
  readonly form: 'value'
  readonly at: string
  readonly is: ValueKind
  /** Characters; of numbers digits. */
  readonly min: number | undefined
  readonly max: number | undefined
  readonly decimals: number | undefined
  /** Over the whole text. */
  readonly pattern: string | undefined
  /** Of dates and times: `YYYYMMDD`, `HHmmss`. */
  readonly layout: string | undefined
  /** A code and its meaning. */
  readonly codes: ReadonlyMap<string, string> | undefined
  /** Whether other codes may stand than those that are known. */
  readonly otherCodes: boolean
  /** Texts that say nothing, as SAP's date `00000000` does. */
  readonly empty: ReadonlySet<string> | undefined
  /** Whether a minus may stand behind a number. */
  readonly trailingSign: boolean
  /** What a number has before its decimals: a comma in many countries. */
  readonly point: '.' | ','
  readonly attributes: readonly Member[]
  readonly secret: boolean
  /** What a sample writes, where the rest of the type does not say enough. */
  readonly example: string | undefined
}

export interface TreeType {
  readonly form: 'tree'
  readonly at: string
  /** Members of another tree, before its own. */
  readonly base: NamedType | undefined
  readonly members: readonly (Member | Choice)[]
  readonly attributes: readonly Member[]
  /** Of the element's own text. */
  readonly text: { readonly min: number, readonly type: TypeUse } | undefined
  readonly ordered: boolean
  /** Whether it may hold what the description does not know. */
  readonly open: boolean
}

export interface NamedType {
  readonly form: 'named'
  readonly at: string
  readonly name: string
}

export type TypeUse = ValueType | TreeType | NamedType

/** A child, a member or, in a list of attributes, an attribute. */
export interface Member {
  readonly form: 'member'
  readonly at: string
  readonly name: string
  readonly namespace: string
  /** As written, with its prefix. */
  readonly step: string
  readonly min: number
  /** Infinity where nothing limits it. */
  readonly max: number
  readonly type: TypeUse
}

/** So many of these members stand. */
export interface Choice {
  readonly form: 'choice'
  readonly at: string
  readonly min: number
  readonly max: number
  readonly members: readonly Member[]
}

/** How the tables of a language are written. */
export interface CsvSettings {
  readonly at: string
  readonly dialect: CsvDialect
  /** Whether the first row names the columns. */
  readonly header: boolean
  /** Of bytes that do not say it themselves. */
  readonly encoding: string | undefined
  /** Whether the first column says which record a row is. */
  readonly records: boolean
  /** Rows that say the same here are one document. */
  readonly key: readonly string[]
  /** The columns in their order, with what the header calls them; empty for all, as they are described. */
  readonly columns: ReadonlyMap<string, string>
  /** Whether a row may end before its last columns. */
  readonly ragged: boolean
}

/** How the interchanges of a language are written. */
export interface SegmentSettings {
  readonly at: string
  readonly family: SegmentFamily
  /** Those that are written; what is read says its own. */
  readonly separators: SegmentSeparators
  /** Whether UNA is written. */
  readonly una: boolean
  /** Whether each segment is written on a line of its own. */
  readonly lines: boolean
  /** Of bytes that do not say it themselves. */
  readonly encoding: string | undefined
}

/** Where a field of a record stands. */
export interface FixedField {
  readonly name: string
  /** The column of its first character, from 1. */
  readonly from: number
  /** Characters. */
  readonly width: number
  readonly align: 'left' | 'right'
  readonly pad: string
  /** What is written and means nothing when it is read: the record's `type`, its number in the document (`count`), that of the record above (`parent`), its `level`, or the path of a field of the document. */
  readonly of: string | undefined
}

/** A record: what it says that it is, and its fields. */
export interface FixedRecord {
  /** Of the member of the description. */
  readonly name: string
  /** How it begins where records say what they are: the first is written, all are read. */
  readonly says: readonly string[]
  readonly fields: readonly FixedField[]
  /** Whether the fields that records have in common stand in it; only such records are counted. */
  readonly hasHead: boolean
  readonly width: number
}

/** How the records of a language are written. */
export interface FixedSettings {
  readonly at: string
  /** Of bytes that do not say it themselves. */
  readonly encoding: string | undefined
  /** The column, from 1, at which a record says what it is. */
  readonly typeFrom: number
  readonly records: ReadonlyMap<string, FixedRecord>
  /** The way to the field that says which document it is, where its records do not. */
  readonly document: readonly string[] | undefined
  /** The member of the document that holds the records, where it does not itself. */
  readonly inside: string | undefined
}

/** What documents of a language look like. */
export interface Description {
  readonly fixed: FixedSettings | undefined
  readonly csv: CsvSettings | undefined
  readonly segments: SegmentSettings | undefined
  readonly syntax: string
  readonly types: ReadonlyMap<string, TypeUse>
  /** By the name of the root element in Clark's notation `{namespace}name`, in JSON by the name of the map. */
  readonly documents: ReadonlyMap<string, Member>
}

/** Whether what is no XML has an order too: that of segments or records, which columns and members of JSON do not have. */
export const isSequenced = ({ segments, fixed }: Description): boolean => segments !== undefined || fixed !== undefined

/** A tree with all that it takes over from others. */
export interface WholeTree extends Omit<TreeType, 'base'> {
  readonly base: undefined
}

/** The type that a use means in the end: names looked up, what is extended taken over. The parser has seen that there are such types and no circle. */
export const resolveType = (description: Description, use: TypeUse): ValueType | WholeTree => {
  if (use.form === 'value') return use
  if (use.form === 'tree') return use.base === undefined ? { ...use, base: undefined } : extended(resolveType(description, use.base), use)
  const type = description.types.get(use.name)
  if (type === undefined) throw new Error(`${use.at}: there is no type ${use.name}`)
  return resolveType(description, type)
}

const extended = (base: ValueType | WholeTree, own: TreeType): WholeTree => {
  if (base.form === 'value') return { ...own, base: undefined, text: { min: 0, type: base }, attributes: [...base.attributes, ...own.attributes] }
  return {
    ...own, base: undefined, members: [...base.members, ...own.members], attributes: [...base.attributes, ...own.attributes],
    text: own.text ?? base.text, open: own.open || base.open, ordered: own.ordered && base.ordered,
  }
}

/** The members of a tree without their choices. */
export const membersOf = (tree: WholeTree): readonly Member[] => tree.members.flatMap((member) => (member.form === 'choice' ? member.members : [member]))
