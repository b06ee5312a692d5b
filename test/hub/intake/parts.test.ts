import { describe, expect, it } from 'vitest'
import { newIntake, order } from '../../fixtures/intake.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const linesOf = (documents: readonly unknown[]): string => documents.map((document) => JSON.stringify(document)).join('\n')
const repeated = (count: number, document: unknown): readonly unknown[] => Array.from({ length: count }, () => document)

const wrong = { kind: 'order' }

describe('a message of many documents', () => {
  it('is refused at the 501st where none before it could be taken; the others are not looked at', async () => {
    const { post } = await intake()
    const answer = await post([...repeated(500, wrong), ...repeated(2000, order('A1'))])
    expect(answer).toMatchObject({ outcome: 'rejected', documents: [] })
    expect(answer.parts).toHaveLength(501)
    expect(answer.parts?.[499]).toMatchObject({ part: 500, outcome: 'rejected', errors: expect.arrayContaining([expect.objectContaining({ code: 'field-missing', at: '500:1 number' })]) as unknown })
    expect(answer.parts?.[500]).toEqual({ part: 501, outcome: 'rejected', documents: [], errors: [{ code: 'limit-exceeded', at: '501:1', detail: expect.stringMatching(/^None of the first 500 documents .* from this one on, were not looked at/) as unknown }] })
    expect(await post([order('A1'), ...repeated(500, wrong)])).toMatchObject({ outcome: 'partial', documents: [{ number: 'A1' }] })
  })

  it('is looked at wholly where one of the first 500 could be taken, and where there are no more', async () => {
    const { post } = await intake()
    const later = await post([...repeated(499, wrong), order('B1'), ...repeated(300, wrong), order('B2')])
    expect({ outcome: later.outcome, parts: later.parts?.length, numbers: later.documents.map(({ number }) => number) }).toEqual({ outcome: 'partial', parts: 801, numbers: ['B1', 'B2'] })
    const all = await post(repeated(500, wrong))
    expect(all.parts).toHaveLength(500)
    expect(all.errors.filter(({ code }) => code === 'limit-exceeded')).toEqual([])
  })

  it('says all that is wrong with the first of them, and one thing of each further one', async () => {
    const { post } = await intake()
    const answer = await post(repeated(100, { ...order('C1'), lines: repeated(60, { x: 1 }) }))
    const counts = answer.parts?.map(({ errors }) => errors.length) ?? []
    expect(counts).toHaveLength(100)
    expect(counts[0]).toBeGreaterThan(40)
    expect(counts.slice(-10)).toEqual(repeated(10, 1))
    expect(answer.errors.length).toBeLessThan(2200)
  })

  it('is refused for what is wrong with it however many words that has, and loses no document that can be taken', async () => {
    const { post } = await intake()
    const words = (from: number): string => Array.from({ length: 80 }, (_, index) => `w${(from * 100 + index).toString(36)}q`).join(' ')
    const strange = Array.from({ length: 490 }, (_, index) => ({ ...order(`D${index}`), ...Object.fromEntries([1, 2, 3, 4].map((more) => [words(index * 10 + more), 1])), lines: [] }))
    const answer = await post([order('D'), ...strange])
    expect(answer).toMatchObject({ outcome: 'partial', documents: [{ number: 'D' }] })
    expect(answer.parts).toHaveLength(491)
    expect(JSON.stringify(answer).length).toBeGreaterThan(1_500_000)
    expect(JSON.stringify(answer).length).toBeLessThan(4_000_000)
  })
})

const intake = async () => {
  const { post } = await newIntake(postgres)
  return { post: (documents: readonly unknown[]) => post(linesOf(documents), { contentType: 'application/x-ndjson' }) }
}
