import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../../schemas/result.js'
import type { FixedField, FixedRecord, FixedSettings } from './description.js'

/** A record that is written, and where in the document it stands. */
interface Row {
  readonly record: FixedRecord
  readonly node: Node
  readonly path: string
  readonly number: number
  readonly parent: number
  readonly level: number
}

/** Documents as lines of records, each line ended by CR and LF. Fails with value-invalid where a text has no place, or a record no layout: nothing is cut off. */
export const writeRecords = (fixed: FixedSettings, roots: readonly Node[]): Result<string> => {
  const lines: string[] = []
  for (const root of roots) {
    const holders = fixed.inside === undefined ? [root] : root.children.filter(({ name }) => name === fixed.inside)
    for (const holder of holders) {
      const rows = rowsOf(fixed, holder)
      if (!rows.ok) return rows
      for (const row of rows.value) {
        const line = lineOf(fixed, row, holder)
        if (!line.ok) return line
        lines.push(`${line.value}\r\n`)
      }
    }
  }
  return ok(lines.join(''))
}

/** Each record before those that it holds, in the order in which they stand. */
const rowsOf = (fixed: FixedSettings, holder: Node): Result<readonly Row[]> => {
  const rows: Row[] = []
  let counted = 0
  let failure: Failure | undefined
  const add = (node: Node, above: string, parent: number, level: number): void => {
    const counts = new Map<string, number>()
    for (const child of node.children) {
      const isField = fixed.records.get(node.name)?.fields.some(({ name }) => name === child.name) === true
      if (isField) continue
      const count = (counts.get(child.name) ?? 0) + 1
      counts.set(child.name, count)
      const path = `${above}${above === '' ? '' : '/'}${child.name}${count > 1 ? `[${count}]` : ''}`
      const record = fixed.records.get(child.name)
      if (record === undefined) {
        failure ??= fail('value-invalid', path, `${child.name} has no place among the records of the description; it says ${JSON.stringify(child.text.slice(0, 40))}.`)
        continue
      }
      const number = record.hasHead ? ++counted : 0
      rows.push({ record, node: child, path, number, parent, level })
      add(child, path, number, record.hasHead ? level + 1 : level)
    }
  }
  add(holder, '', 0, 1)
  return failure ?? ok(rows)
}

const lineOf = (fixed: FixedSettings, row: Row, holder: Node): Result<string> => {
  const { record, path } = row
  let line = ''
  for (const field of [...record.fields].sort((a, b) => a.from - b.from)) {
    const text = field.of === undefined ? childText(row.node, field.name) : computed(field.of, row, holder)
    if (Array.from(text).length > field.width || text.length > field.width) return fail('value-invalid', `${path}/${field.name}`, `${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)} has ${text.length} characters; the field has a place for ${field.width}.`)
    if (/[\r\n]/.test(text)) return fail('value-invalid', `${path}/${field.name}`, `${JSON.stringify(text.slice(0, 40))} holds a line end, which ends a record.`)
    line = line.padEnd(field.from - 1) + padded(text, field)
  }
  const [type = ''] = record.says
  const before = line.padEnd(fixed.typeFrom - 1)
  return ok(`${before.slice(0, fixed.typeFrom - 1)}${type}${before.slice(fixed.typeFrom - 1 + type.length)}`)
}

const padded = (text: string, { width, align, pad }: FixedField): string => {
  if (text === '') return ' '.repeat(width)
  if (align === 'left') return text.padEnd(width, pad)
  // The sign stands before the zeros.
  const sign = pad === '0' && /^[+-]/.test(text) ? text.charAt(0) : ''
  return sign + text.slice(sign.length).padStart(width - sign.length, pad)
}

const childText = (node: Node | undefined, name: string): string => node?.children.find((child) => child.name === name)?.text ?? ''

const computed = (of: string, { record, number, parent, level }: Row, holder: Node): string => {
  switch (of) {
    case 'type': return record.says[0] ?? ''
    case 'count': return String(number)
    case 'parent': return String(parent)
    case 'level': return String(level)
    default: {
      const [name = '', field = ''] = of.split('/')
      return childText(holder.children.find((child) => child.name === name), field)
    }
  }
}
