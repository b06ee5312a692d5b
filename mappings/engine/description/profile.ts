import type { SourcePath, SourceSegment } from '../source-path.js'
import type { Test } from './rule-tests.js'
import type { ValueType } from './description.js'

/** What a profile says of one path: how often it stands below its parent wherever that is there, and what its text is. */
export interface Narrowing {
  readonly at: string
  readonly text: string
  readonly parent: readonly SourceSegment[]
  readonly last: SourceSegment
  readonly min: number | undefined
  readonly max: number | undefined
  readonly type: ValueType | undefined
}

/** Of a path: that something is there, or what it says. */
interface Alternative {
  readonly path: readonly SourceSegment[]
  readonly asks: 'there' | 'is' | 'starts' | 'above'
  readonly value: string
  readonly negated: boolean
}

/** True where one of them is. */
export type Condition = readonly Alternative[]

/** A rule by the name that the standard gives it. */
export interface NamedRule {
  readonly name: string
  readonly at: string
  readonly says: string
  readonly zh: string
  readonly warning: boolean
  /** Asked of each node of these paths; of the root where there is none. */
  readonly contexts: readonly (readonly SourceSegment[])[]
  readonly conditions: readonly Condition[]
  readonly tests: readonly Test[]
  /** The changes of a valid document that break it, where trying does not find them. */
  readonly breaks: readonly { readonly path: SourcePath, readonly text: string | undefined }[]
}

/** A restriction of some documents of a language: Peppol's, or a partner's. */
export interface Profile {
  readonly name: string
  readonly at: string
  /** Ids of maps: `ubl/invoice`. */
  readonly of: readonly string[]
  readonly when: readonly Condition[]
  readonly narrowings: readonly Narrowing[]
  readonly rules: readonly NamedRule[]
}
