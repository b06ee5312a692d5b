import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import { addDecimals, negateDecimal, zero, type Decimal } from '../../schemas/decimal.js'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import { company, decimal, documentId, invoice, journalOf, line, link } from './entries.js'
import { valueOf, warehouseOf } from './temporary-warehouse.js'

interface Fact {
  readonly document: string
  readonly kind: string
  readonly line: boolean
  readonly amount: Decimal
  readonly levels: Readonly<Record<string, string | null>>
}

const levelNames = ['customer', 'customer.country', 'product', 'date.year', 'date.quarter', 'date.month', 'date.day', 'currency', 'kind'] as const
const countries: Readonly<Record<string, string>> = { A: 'DE', B: 'DE', C: 'CN', shopA: 'DE', shopB: 'CN', shopC: 'CN' }
const systems = ['', 'shop'] as const

const lineArbitrary = fc.record({
  amount: fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 10 })).map(([value, scale]) => decimal(`${value}e-${scale}`)),
  currency: fc.constantFrom('EUR', 'USD', 'AAA', 'ZZZ'),
  gtin: fc.constantFrom('1', '2', '3', undefined),
})
const documentArbitrary = fc.record({
  kind: fc.constantFrom('invoice', 'invoice', 'invoice', 'credit-note'),
  number: fc.constantFrom('1', '1', '1', '1', '2'),
  system: fc.constantFrom(...systems),
  seller: fc.constantFrom('S', 'S', 'S', 'S', 'S', 'T', undefined),
  function: fc.constantFrom('original', 'original', 'original', 'cancel'),
  issuedOn: fc.constantFrom('0001-01-01', '2025-12-31', '2026-01-01', '2026-03-31', '2026-04-01', '2026-11-30', '9999-12-31'),
  buyer: fc.constantFrom('A', 'B', 'C', undefined),
  lines: fc.array(lineArbitrary, { minLength: 1, maxLength: 4 }),
  charge: fc.option(lineArbitrary, { nil: undefined }),
  test: fc.constantFrom(false, false, true),
  /** Which of the documents before it is replaced, counted from the latest. */
  replaces: fc.option(fc.nat({ max: 5 }), { nil: undefined, freq: 1 }),
})
type Drawn = typeof documentArbitrary extends fc.Arbitrary<infer T> ? T : never

const sellerKeyArbitrary = fc.tuple(fc.constantFrom(...systems), fc.constantFrom('S', 'S', 'S', 'T')).map(([system, seller]) => sellerKey(system, seller))
/** Two sellers that turn out to be one. */
const mergeArbitrary = fc.record({ merge: fc.tuple(sellerKeyArbitrary, sellerKeyArbitrary) })
type Step = Drawn | (typeof mergeArbitrary extends fc.Arbitrary<infer T> ? T : never)

const sellerKey = (system: Drawn['system'], seller: string): string => `erp${system}/id:${seller}`
const buyerOf = ({ system, buyer }: Drawn): string | undefined => (buyer === undefined ? undefined : `${system}${buyer}`)

const documentOf = (drawn: Drawn): TradeDocument => invoice(drawn.number, drawn.lines.map(({ amount, currency, gtin }, at) =>
  line(String(at), amount, { currency, item: gtin === undefined ? {} : { gtin } })), {
  kind: drawn.kind, function: drawn.function, issuedOn: drawn.issuedOn,
  parties: {
    ...(drawn.buyer === undefined ? {} : { buyer: company(drawn.buyer, buyerOf(drawn), countries[buyerOf(drawn) ?? '']) }),
    ...(drawn.seller === undefined ? {} : { seller: company(drawn.seller) }),
  },
  ...(drawn.charge === undefined ? {} : { allowancesCharges: [{ type: 'charge', amount: { value: drawn.charge.amount, currency: drawn.charge.currency } }] }),
})

/** Each document that is no test replaces at most one that nothing has replaced. */
const entriesOf = (steps: readonly Step[]): readonly JournalEntry[] => {
  const open: number[] = []
  return journalOf(...steps.map((one, at) => {
    if ('merge' in one) return [link(...one.merge)]
    const target = one.replaces === undefined || one.test ? undefined : open.splice(-1 - one.replaces, 1)[0]
    if (!one.test) open.push(at + 1)
    return { document: documentOf(one), system: `erp${one.system}`, test: one.test, ...(target === undefined ? {} : { replaces: documentId(`d${target}`) }) }
  }))
}

/** What a seller is called after all merges. */
const goldenOf = (steps: readonly Step[]): (key: string) => string => {
  let names: readonly (readonly string[])[] = systems.flatMap((system) => ['S', 'T'].map((seller) => [sellerKey(system, seller)]))
  for (const step of steps) {
    if (!('merge' in step)) continue
    const joined = names.filter((set) => step.merge.some((key) => set.includes(key)))
    names = [...names.filter((set) => !joined.includes(set)), joined.flat()]
  }
  return (key) => names.find((set) => set.includes(key))?.[0] ?? key
}

/** Where each entry's chain of revisions began. */
const firstsOf = (entries: readonly JournalEntry[]): readonly number[] => {
  const firsts: number[] = []
  for (const entry of entries) {
    const before = entry.type === 'document.accepted' && entry.replaces !== undefined ? Number(entry.replaces.slice(1)) : undefined
    firsts.push(before === undefined ? entry.number : firsts[before - 1] ?? NaN)
  }
  return firsts
}

/** The places of the documents that count: of those of the same kind, number and seller the one whose first revision came first. */
const standingPlaces = (entries: readonly JournalEntry[], steps: readonly Step[]): ReadonlySet<number> => {
  const replaced = new Set(entries.map((entry) => (entry.type === 'document.accepted' ? entry.replaces : undefined)))
  const golden = goldenOf(steps)
  const firsts = firstsOf(entries)
  const standing = new Map<string, number>()
  for (const [at, one] of steps.entries()) {
    if ('merge' in one || one.test || one.function === 'cancel' || replaced.has(documentId(`d${at + 1}`))) continue
    const name = one.seller === undefined ? `${at}` : JSON.stringify([one.kind, one.number, golden(sellerKey(one.system, one.seller))])
    const other = standing.get(name)
    if (other === undefined || (firsts[at] ?? NaN) < (firsts[other] ?? NaN)) standing.set(name, at)
  }
  return new Set(standing.values())
}

const factsOf = (entries: readonly JournalEntry[], steps: readonly Step[]): readonly Fact[] => {
  const standing = standingPlaces(entries, steps)
  return steps.flatMap((one, at): readonly Fact[] => {
    if ('merge' in one || !standing.has(at)) return []
    const [year = '', month = ''] = one.issuedOn.split('-')
    const quarter = Math.ceil(Number(month) / 3)
    const fact = ({ amount, currency, gtin }: Drawn['lines'][number], isLine: boolean): Fact => ({
      document: `d${at}`, kind: one.kind, line: isLine, amount: one.kind === 'invoice' ? amount : negateDecimal(amount),
      levels: {
        'customer': buyerOf(one) ?? null, 'customer.country': countries[buyerOf(one) ?? ''] ?? null, 'product': isLine && gtin !== undefined ? `gtin:${gtin}` : null,
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
    fc.array(fc.oneof({ weight: 4, arbitrary: documentArbitrary }, { weight: 1, arbitrary: mergeArbitrary }), { maxLength: 14, size: 'max' }), fc.shuffledSubarray([...levelNames], { maxLength: 4 }), fc.nat({ max: 4 }), fc.integer({ min: 1, max: 5 }),
    fc.option(fc.constantFrom(['date.quarter', '2026-Q1'], ['currency', 'EUR'], ['product', 'gtin:1'], ['customer.country', 'DE'], ['customer', null]), { nil: undefined }),
    async (steps, levels, cut, batch, filter) => {
      const entries = entriesOf(steps)
      const warehouse = await warehouseOf(entries, batch)
      const rows = levels.slice(0, cut)
      const columns = levels.slice(cut)
      const filters = filter === undefined ? [] : [{ level: filter[0], in: [filter[1]] }]
      const answer = valueOf(await warehouse.query('sales', { rows, columns, measures: ['revenue', 'lines', 'invoices'], filters, totals: true }))
      const behind = valueOf(await warehouse.drill('sales', { cell: {}, limit: 1000 })).items
      const atOnce = await warehouseOf(entries)
      expect(await warehouse.digest()).toBe(await atOnce.digest())
      await Promise.all([warehouse.close(), atOnce.close()])
      expect(new Set(behind.map((item) => item.documentId))).toEqual(new Set([...standingPlaces(entries, steps)].map((at) => documentId(`d${at + 1}`))))
      const facts = factsOf(entries, steps).filter((fact) => filter === undefined || fact.levels[filter[0]] === filter[1])
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
}, 300_000)
