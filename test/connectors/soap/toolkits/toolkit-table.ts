/** One line of the table: a toolkit in one SOAP version, and for each column `ok`, `–` or what failed. */
export interface TableRow {
  readonly toolkit: string
  readonly installed: string
  readonly version: string
  readonly cells: ReadonlyMap<string, string>
}

/** The table as Markdown, as docs/soap-toolkits.md holds it. */
export const toolkitTable = (columns: readonly string[], rows: readonly TableRow[]): readonly string[] => {
  const head = ['toolkit', 'tried with', 'SOAP', ...columns]
  const lines = rows.map(({ toolkit, installed, version, cells }) => [toolkit, installed, version, ...columns.map((column) => cells.get(column) ?? '')])
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
}
