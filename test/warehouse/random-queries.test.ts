import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { addDecimals, negateDecimal, zero, type Decimal } from '../../schemas/decimal.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import { company, decimal, documentId, invoice, journalOf, line } from './entries.js'
import { valueOf, warehouseOf } from './temporary-warehouse.js'

interface Fact {
  readonly document: string
  readonly kind: string
  readonly line: boolean
  readonly amount: Decimal
  readonly levels: Readonly<Record<string, string | null>>
}

const levelNames = ['customer', 'customer.country', 'product', 'date.year', 'date.quarter', 'date.month', 'date.day', 'currency', 'kind'] as const
const countries: Readonly<Record<string, string>> = { A: 'DE', B: 'DE', C: 'CN' }

const lineArbitrary = fc.record({
  amount: fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 10 })).map(([value, scale]) => decimal(`${value}e-${scale}`)),
  currency: fc.constantFrom('EUR', 'USD', 'AAA', 'ZZZ'),
  gtin: fc.constantFrom('1', '2', '3', undefined),
})
const documentArbitrary = fc.record({
  kind: fc.constantFrom('invoice', 'credit-note'),
  issuedOn: fc.constantFrom('0001-01-01', '2025-12-31', '2026-01-01', '2026-03-31', '2026-04-01', '2026-11-30', '9999-12-31'),
  buyer: fc.constantFrom('A', 'B', 'C', undefined),
  lines: fc.array(lineArbitrary, { minLength: 1, maxLength: 4 }),
  charge: fc.option(lineArbitrary, { nil: undefined }),
  test: fc.boolean(),
  /** Which of the documents before it is replaced, counted from the latest. */
  replaces: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
})
type Drawn = typeof documentArbitrary extends fc.Arbitrary<infer T> ? T : never

const documentOf = (drawn: Drawn, number: number): TradeDocument => invoice(String(number), drawn.lines.map(({ amount, currency, gtin }, at) =>
  line(String(at), amount, { currency, item: gtin === undefined ? {} : { gtin } })), {
  kind: drawn.kind, issuedOn: drawn.issuedOn, parties: drawn.buyer === undefined ? {} : { buyer: company(drawn.buyer, drawn.buyer, countries[drawn.buyer]) },
  ...(drawn.charge === undefined ? {} : { allowancesCharges: [{ type: 'charge', amount: { value: drawn.charge.amount, currency: drawn.charge.currency } }] }),
})

/** Each document that is no test replaces at most one that nothing has replaced. */
const entriesOf = (drawn: readonly Drawn[]): readonly JournalEntry[] => {
  const open: number[] = []
  return journalOf(...drawn.map((one, at) => {
    const target = one.replaces === undefined || one.test ? undefined : open.splice(-1 - one.replaces, 1)[0]
    if (!one.test) open.push(at + 1)
    return { document: documentOf(one, at + 1), test: one.test, ...(target === undefined ? {} : { replaces: documentId(`d${target}`) }) }
  }))
}

const factsOf = (entries: readonly JournalEntry[], drawn: readonly Drawn[]): readonly Fact[] => {
  const replaced = new Set(entries.map((entry) => (entry.type === 'document.accepted' ? entry.replaces : undefined)))
  return drawn.flatMap((one, at): readonly Fact[] => {
    if (one.test || replaced.has(documentId(`d${at + 1}`))) return []
    const [year = '', month = ''] = one.issuedOn.split('-')
    const quarter = Math.ceil(Number(month) / 3)
    const fact = ({ amount, currency, gtin }: Drawn['lines'][number], isLine: boolean): Fact => ({
      document: `d${at}`, kind: one.kind, line: isLine, amount: one.kind === 'invoice' ? amount : negateDecimal(amount),
      levels: {
        'customer': one.buyer ?? null, 'customer.country': one.buyer === undefined ? null : countries[one.buyer] ?? null, 'product': isLine && gtin !== undefined ? `gtin:${gtin}` : null,
        'date.year': year, 'date.quarter': `${year}-Q${quarter}`, 'date.month': `${year}-${month}`, 'date.day': one.issuedOn, currency, 'kind': one.kind,
      },
    })
    return [...one.lines.map((drawnLine) => fact(drawnLine, true)), ...(one.charge === undefined ? [] : [fact(one.charge, false)])]
  })
}

const naive = (facts: readonly Fact[], levels: readonly string[]) => {
  const cells = new Map<string, Fact[]>()
  for (const fact of facts) {
    const key = JSON.stringify(levels.map((level) => fact.levels[level]))
    cells.set(key, [...cells.get(key) ?? [], fact])
  }
  return [...cells].map(([key, all]) => [key, {
    revenue: all.reduce((sum, { amount }) => addDecimals(sum, amount), zero), lines: all.filter((fact) => fact.line).length,
    invoices: new Set(all.filter(({ kind }) => kind === 'invoice').map(({ document }) => document)).size,
  }] as const)
}

const memberText = (member: unknown): unknown => {
  if (typeof member !== 'object' || member === null) return member
  if ('name' in member && typeof member.name === 'string' && countries[member.name] !== undefined) return member.name
  return 'key' in member ? member.key : member
}
const sorted = (cells: readonly (readonly [string, unknown])[]) => cells.map(([key, value]) => `${key} ${JSON.stringify(value)}`).sort()

it('answers what a plain fold over the documents answers', async () => {
  const seed = Date.now() % 2 ** 31
  console.info(`random cube questions: seed ${seed}`)
  await fc.assert(fc.asyncProperty(
    fc.array(documentArbitrary, { maxLength: 12 }), fc.shuffledSubarray([...levelNames], { maxLength: 4 }), fc.nat({ max: 4 }), fc.integer({ min: 1, max: 5 }),
    fc.option(fc.constantFrom(['date.quarter', '2026-Q1'], ['currency', 'EUR'], ['product', 'gtin:1'], ['customer.country', 'DE'], ['customer', null]), { nil: undefined }),
    async (drawn, levels, cut, batch, filter) => {
      const entries = entriesOf(drawn)
      const warehouse = await warehouseOf(entries, batch)
      const rows = levels.slice(0, cut)
      const columns = levels.slice(cut)
      const filters = filter === undefined ? [] : [{ level: filter[0], in: [filter[1]] }]
      const answer = valueOf(await warehouse.query('sales', { rows, columns, measures: ['revenue', 'lines', 'invoices'], filters, totals: true }))
      await warehouse.close()
      const facts = factsOf(entries, drawn).filter((fact) => filter === undefined || fact.levels[filter[0]] === filter[1])
      const all = [...answer.rows, ...answer.columns]
      const told = (cell: Readonly<Record<string, unknown>>, of: readonly string[]) =>
        [JSON.stringify(of.map((level) => memberText(cell[level]))), { revenue: cell['revenue'], lines: cell['lines'], invoices: cell['invoices'] }] as const
      expect(sorted(answer.cells.map((cell) => told(cell, all)))).toEqual(sorted(naive(facts, all)))
      for (const over of new Set((answer.totals ?? []).map((total) => total.over.join()))) {
        const of = all.filter((level) => !over.split(',').includes(level))
        const totals = (answer.totals ?? []).filter((total) => total.over.join() === over)
        expect(sorted(totals.map(({ cell }) => told(cell, of)))).toEqual(sorted(naive(facts, of)))
      }
    },
  ), { numRuns: 40, seed })
})
