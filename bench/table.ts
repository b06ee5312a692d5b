import { cpus, loadavg, totalmem, release } from 'node:os'

/** One measured figure; with a rival, `ratio` is ours to the rival's in the same run. */
export interface BenchRow {
  readonly bench: string
  readonly case: string
  readonly value: number
  readonly unit: string
  readonly rival?: string
  readonly ratio?: number
}

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${process.version}, load ${(loadavg()[0] ?? 0).toFixed(1)}`

/** Prints rows as a table under the machine that they were measured on, or as JSON. */
export const printRows = (rows: readonly BenchRow[], options: { readonly json: boolean }): void => {
  if (options.json) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  const cells = [['case', 'value', 'unit', 'rival', 'ratio'], ...rows.map((row) => [row.case, shown(row.value), row.unit, row.rival ?? '', row.ratio === undefined ? '' : `${row.ratio.toFixed(2)} ×`])]
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  console.log(machine())
  for (const row of cells) console.log(row.map((cell, column) => (column === 1 || column === 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd())
}

const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2))
