import type { Result } from '../../../schemas/result.js'
import type { Finding } from './finding.js'
import type { SchemaSource, SchemaSummary } from './schema-set.js'

/** Documents of one message and the keys of the sets that each is held against. */
export type Check =
  | {
    readonly syntax: 'xml'
    /** Parsed once for all parts. */
    readonly text: string
    readonly parts: readonly { readonly steps: readonly number[], readonly element: string, readonly sets: readonly string[] }[]
  }
  | { readonly syntax: 'json', readonly parts: readonly { readonly text: string, readonly sets: readonly string[] }[] }

/** By part and set. */
export type Checked = readonly (readonly (readonly Finding[])[])[]

/** What the thread that validates is asked. Ids are above 0. */
export type Question =
  | { readonly type: 'compile', readonly id: number, readonly source: SchemaSource }
  | { readonly type: 'forget', readonly id: number, readonly key: string }
  | { readonly type: 'check', readonly id: number, readonly check: Check }

export type Reply =
  | { readonly type: 'compiled', readonly id: number, readonly summary: Result<SchemaSummary> }
  | { readonly type: 'forgotten', readonly id: number }
  | { readonly type: 'checked', readonly id: number, readonly checked: Checked }

/** How the thread is started: the first number of `current` is the id of the question that it is at, 0 while it waits. */
export interface WorkerData {
  readonly current: Int32Array
}
