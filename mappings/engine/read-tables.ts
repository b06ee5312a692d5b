import type { Node, NodeCount } from '../../schemas/node.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { CsvBinding } from './description/csv-binding.js'

/** How a text that is a table is read. */
export interface TableReader {
  /** Of bytes that do not say it themselves, as the descriptions say; undefined where they say nothing. */
  readonly encoding: string | undefined
  /** An array of the documents, for which exactly one of the languages has to have the columns. Fails as `CsvBinding.read` does. */
  readonly read: (text: string, limits?: object, count?: NodeCount) => Result<Node>
}

/** The reader of some languages' tables; undefined where there is none. */
export const readerOfTables = (tables: readonly CsvBinding[]): TableReader | undefined => {
  const [first, second] = tables
  if (first === undefined) return undefined
  return {
    encoding: tables.map(({ encoding }) => encoding).find((encoding) => encoding !== undefined),
    read: (text, _limits, count) => {
      if (second === undefined) return asArray(first.read(text, count))
      const read = tables.map((table) => table.read(text, count))
      const taken = read.filter(({ ok: isRead }) => isRead)
      if (taken.length > 1) return fail('format-ambiguous', '1:1', 'The table is one of several languages of the channel.')
      return asArray(taken[0] ?? read[0] ?? fail('format-unknown', '1:1', 'The table is of none of the languages of the channel.'))
    },
  }
}

const asArray = (documents: Result<readonly Node[]>): Result<Node> => {
  if (!documents.ok) return documents
  const children = documents.value.map((document): Node => ({ ...document, listed: true }))
  return ok({ name: '', namespace: '', attributes: [], children, text: '', kind: 'array', line: 1, column: 1 })
}
