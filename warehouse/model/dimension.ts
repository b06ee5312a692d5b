import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { Cell } from '../engines/engine.js'

/** A step of a hierarchy, as SQL over the place where the dimension stands: the alias of its table, or the fact's own column. */
export interface Level {
  readonly title: string
  /** What cells are grouped by; as narrow as can be. */
  readonly group: (at: string) => string
  /** What names the member in questions and answers. Follows from `group`. */
  readonly key: (at: string) => string
  /** What people call the member. Follows from `group`. */
  readonly name?: (at: string) => string
  /** What a member's key looks like, for whoever gave another one. */
  readonly example: string
  /** A key as asked for, as `key` gives it; undefined when it is no key of this level. */
  readonly parse: (text: string) => string | number | undefined
  /** The reverse of `parse`. */
  readonly write: (key: string | number) => string
}

/** A member of a dimension that has a table, as a document names it. An attribute without a value leaves what was known. */
export interface Member {
  readonly key: string
  readonly attributes: Readonly<Record<string, string | undefined>>
}

export interface MemberTable {
  readonly table: string
  /** What questions join instead of the table, by `key`. */
  readonly relation: string
  readonly attributes: readonly string[]
  /** Whether members are joined by identity decisions into one golden member. */
  readonly linked: boolean
  /** SQL that makes the relation, when it is another than the table. */
  readonly ddl: readonly string[]
  /** The members that a document tells about, beside those that its facts carry. */
  readonly observe: (system: string, document: CanonicalDocument) => readonly Member[]
}

/** What facts are looked at by. One that has no table stands in the fact's row itself. */
export interface Dimension {
  readonly name: string
  readonly title: string
  /** The SQL type of the fact's column. */
  readonly type: string
  readonly members?: MemberTable
  /** By name; the level without a name is the dimension itself. */
  readonly levels: Readonly<Record<string, Level>>
  /** Names of levels, from coarse to fine. */
  readonly hierarchies: readonly (readonly string[])[]
  /** A value as the document has it, as the fact's row keeps it; undefined when it is none. For dimensions without a table. */
  readonly store: (text: string) => Cell | undefined
}

export const asIs = (text: string | number): string => String(text)

/** A level whose key stands in a column of the dimension's table or of the fact, as text. */
export const textLevel = (title: string, example: string, column?: string): Level => {
  const sql = (at: string): string => (column === undefined ? at : `${at}.${column}`)
  return { title, group: sql, key: sql, example, parse: asIs, write: asIs }
}
