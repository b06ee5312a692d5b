import { fail, ok, type Result } from '../../../schemas/result.js'
import { entryOf, textOf, textsOf, type Located } from '../located-yaml.js'
import { membersOf, resolveType, type CsvSettings, type Description, type Member } from './description.js'

const words: readonly string[] = ['delimiter', 'quote', 'header', 'encoding', 'records', 'key', 'columns', 'ragged']

/** Reads `csv: { delimiter: ';', header: yes, key: [order] }`. Fails with mapping-invalid at file and line. */
export const parseCsvSettings = (located: Located): Result<CsvSettings> => {
  const { at } = located
  const unknown = located.kind === 'map' ? located.entries.find(({ key }) => !words.includes(key)) : undefined
  if (unknown !== undefined) return fail('mapping-invalid', unknown.at, `A table has no '${unknown.key}'; it has ${words.join(', ')}.`)
  const said = textOf(located, 'delimiter') ?? ','
  const delimiter = said === 'tab' ? '\t' : said
  const quote = textOf(located, 'quote') === 'none' ? '' : textOf(located, 'quote') ?? '"'
  if (delimiter.length !== 1 || quote.length > 1 || delimiter === quote || /[\r\n]/.test(delimiter + quote)) return fail('mapping-invalid', at, '`delimiter` and `quote` are one character each, and not the same; `tab` and `none` are names of theirs.')
  const records = textOf(located, 'records') === 'yes'
  return ok({
    at, dialect: { delimiter, quote }, records, header: textOf(located, 'header') !== 'no' && !records, encoding: textOf(located, 'encoding'), key: textsOf(entryOf(located, 'key')),
    columns: columnsOf(entryOf(located, 'columns')), ragged: textOf(located, 'ragged') === 'yes',
  })
}

const columnsOf = (located: Located | undefined): ReadonlyMap<string, string> =>
  new Map(located?.kind === 'map' ? located.entries.map(({ key, value }) => [key, value.kind === 'text' ? value.text ?? key : key]) : textsOf(located).map((name) => [name, name]))

/** Every document of a table is rows of values, at most with one list of trees that are rows too; of records, trees. Nothing of it is secret, for bytes are shown as they came. */
export const checkTables = (description: Description, csv: CsvSettings): Result<undefined> => {
  const documents = [...description.documents.values()]
  if (!csv.header && !csv.records && documents.length > 1) return fail('mapping-invalid', csv.at, 'Tables without a header or record types are of one document.')
  for (const document of documents) {
    const checked = checkTable(description, csv, document)
    if (!checked.ok) return checked
  }
  const heads = documents.map(({ type }) => resolveType(description, type)).flatMap((tree) => (tree.form === 'tree' ? membersOf(tree) : []))
  const missing = csv.key.find((name) => !heads.some((member) => member.name === name))
  return missing === undefined ? ok(undefined) : fail('mapping-invalid', csv.at, `\`key\` names ${missing}, which no document has outside of its rows.`)
}

const checkTable = (description: Description, csv: CsvSettings, document: Member): Result<undefined> => {
  const tree = resolveType(description, document.type)
  if (tree.form !== 'tree') return fail('mapping-invalid', document.at, 'A document of a table is a tree of its columns.')
  const members = membersOf(tree)
  const secret = members.find(({ type }) => isSecret(description, type))
  if (secret !== undefined) return fail('mapping-invalid', secret.at, 'A table has no secrets: its bytes are shown as they came.')
  const trees = members.filter(({ type }) => resolveType(description, type).form === 'tree')
  if (csv.records) return trees.length === members.length ? ok(undefined) : fail('mapping-invalid', document.at, 'With `records: yes` a document holds record types alone, whose members are their columns.')
  const [rows, second] = trees
  if (second !== undefined) return fail('mapping-invalid', second.at, 'A document of a table has one list of rows; for several kinds of rows there is `records: yes`.')
  const inside = rows === undefined ? undefined : resolveType(description, rows.type)
  const deeper = inside?.form === 'tree' ? membersOf(inside).find(({ type }) => resolveType(description, type).form === 'tree') : undefined
  if (deeper !== undefined) return fail('mapping-invalid', deeper.at, 'A row of a table holds columns alone.')
  return ok(undefined)
}

const isSecret = (description: Description, use: Member['type']): boolean => {
  const type = resolveType(description, use)
  return type.form === 'value' ? type.secret : membersOf(type).some((member) => isSecret(description, member.type))
}
