import { access, copyFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../schemas/journal-entry.js'
import { openDuckDb } from '../../warehouse/engines/duckdb.js'
import { digestOf } from '../../warehouse/load/digest.js'
import { makeWarehouseFollower } from '../../warehouse/load/warehouse-follower.js'
import { loadCubes } from '../../warehouse/model/load-cubes.js'
import { modelOf } from '../../warehouse/model/model.js'
import { openWarehouse } from '../../warehouse/open-warehouse.js'
import { openStore } from '../../warehouse/store.js'
import { documentId, found, invoice, journalOf, line, link } from './entries.js'
import { applyAll, nothingParked, openAt, temporaryFolder, valueOf, warehouseOf } from './temporary-warehouse.js'

const entries = journalOf(
  invoice('1', [line('1', '100')]),
  [found('erp/id:K1')],
  { document: invoice('2', [line('1', '10')]), system: 'shop' },
  { document: invoice('1', [line('1', '90')]), replaces: documentId('d1'), revision: 2 },
  [found('shop/id:K1'), found('other/id:K1')],
  { document: invoice('1', [line('1', '90')], { function: 'copy' }), replaces: documentId('d4'), revision: 3 },
  [link('shop/id:K1', 'other/id:K1'), link('other/id:K1', 'erp/id:K1')],
  { document: invoice('1', [line('1', '80', { item: { gtin: '5' } })]), replaces: documentId('d6'), revision: 4 },
  invoice('3', [line('1', '0.123456789012')]),
  { document: invoice('3', [line('1', '0.12')]), replaces: documentId('d9'), revision: 2 },
)
const storeAt = async (file: string) => valueOf(await openStore(file, modelOf(await loadCubes()), { memoryBytes: 300_000_000, ...nothingParked }))

describe('the follower', () => {
  it('writes the same rows however the journal is cut into batches', async () => {
    const digests = new Set<string>()
    for (let batch = 1; batch <= entries.length; batch += 1) digests.add(await (await warehouseOf(entries, batch)).digest())
    expect([...digests]).toHaveLength(1)
    expect([...digests][0]).toMatch(/^[0-9a-f]{64}$/)
  })

  it('has another digest for another journal', async () => {
    const other = entries.map((entry): JournalEntry => (entry.number === 10 && entry.type === 'document.accepted' ? { ...entry, document: invoice('3', [line('1', '0.13')]) } : entry))
    expect(await (await warehouseOf(entries)).digest()).not.toBe(await (await warehouseOf(other)).digest())
  })

  it('moves from the position that it is told or not at all', async () => {
    const { follower, digest } = await warehouseOf(entries.slice(0, 3))
    const before = await digest()
    expect(await follower.apply(0, entries.slice(0, 3))).toBe(false)
    expect(await follower.apply(4, entries.slice(4))).toBe(false)
    expect(await digest()).toBe(before)
    expect(await follower.apply(3, entries.slice(3))).toBe(true)
    expect(await follower.position()).toBe(10)
  })

  it('lets two who race apply each entry once', async () => {
    const warehouse = await warehouseOf([])
    const done = await Promise.all([1, 2, 3].map(() => warehouse.follower.apply(0, entries)))
    expect(done.filter(Boolean)).toHaveLength(1)
    expect(await warehouse.digest()).toBe(await (await warehouseOf(entries)).digest())
  })

  it('refuses entries with a gap', async () => {
    const { follower } = await warehouseOf([])
    await expect(follower.apply(0, entries.slice(1))).rejects.toThrow('Entry 2 came where 1 was due.')
  })

  it('writes nothing for an owner that another one has taken over from', async () => {
    const model = modelOf(await loadCubes())
    const { engine, follower: paused } = await storeAt(`${await temporaryFolder()}/w.duckdb`)
    const taker = await makeWarehouseFollower(engine, model, nothingParked)
    expect(await paused.apply(0, entries)).toBe(false)
    expect(await taker.apply(0, entries)).toBe(true)
    await engine.close()
  })

  it('leaves neither position nor rows when a transaction breaks off in its middle', async () => {
    const { engine } = await storeAt(`${await temporaryFolder()}/w.duckdb`)
    const dying = await makeWarehouseFollower({
      ...engine,
      write: (work) => engine.write((tx) => work({ ...tx, append: async (table, rows) => {
        await tx.append(table, rows)
        if (table === 'fact_sales') throw new Error('broken off')
      } })),
    }, modelOf(await loadCubes()), nothingParked)
    await expect(dying.apply(0, entries)).rejects.toThrow('broken off')
    expect(await dying.position()).toBe(0)
    expect(await engine.read((tx) => tx.rows('select (select count(*) from fact_sales) + (select count(*) from party) + (select count(*) from document) as rows'))).toEqual([{ rows: 0 }])
    await engine.close()
  })

  it('believes nothing to be there that was taken back', async () => {
    const model = modelOf(await loadCubes())
    const { engine } = await storeAt(`${await temporaryFolder()}/w.duckdb`)
    let isFull = false
    const follower = await makeWarehouseFollower({
      ...engine,
      write: (work) => engine.write(async (tx) => {
        const value = await work(tx)
        if (isFull) throw new Error('the disk is full')
        return value
      }),
    }, model, nothingParked)
    for (const at of entries.keys()) {
      isFull = true
      await expect(follower.apply(at, entries.slice(at, at + 3))).rejects.toThrow('full')
      isFull = false
      expect(await follower.apply(at, entries.slice(at, at + 1))).toBe(true)
    }
    expect(await digestOf(engine, model)).toBe(await (await warehouseOf(entries)).digest())
    await engine.close()
  })

  it('goes on from its file after it was closed', async () => {
    const file = `${await temporaryFolder()}/w.duckdb`
    const first = await openAt(file)
    await applyAll(first, entries.slice(0, 5))
    await first.close()
    const second = await openAt(file)
    expect(await second.follower.position()).toBe(5)
    await applyAll(second, entries)
    expect(await second.digest()).toBe(await (await warehouseOf(entries)).digest())
  })
})

describe('a rebuild', () => {
  const entriesAfter = (all: readonly JournalEntry[]) => (after: number, limit: number) => Promise.resolve(all.slice(after, after + limit))

  it('gives the same digest, and the live copy answers and follows until the switch', async () => {
    const file = `${await temporaryFolder()}/w.duckdb`
    const warehouse = await openAt(file)
    await applyAll(warehouse, entries.slice(0, 6))
    const steps: number[] = []
    let journal = entries.slice(0, 6)
    const reached = valueOf(await warehouse.rebuild({
      entriesAfter: async (after, limit) => {
        if (journal.length === 6) {
          journal = [...entries]
          await applyAll(warehouse, entries)
          expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['revenue'] })).journalSeq).toBe(10)
        }
        return entriesAfter(journal)(after, Math.min(limit, 4))
      },
      progress: (position) => steps.push(position),
    }))
    expect(reached).toBe(10)
    expect(steps).toEqual([4, 8, 10])
    expect(await warehouse.follower.position()).toBe(10)
    expect(await warehouse.digest()).toBe(await (await warehouseOf(entries)).digest())
    await expect(access(`${file}.next`)).rejects.toThrow()
  })

  it('makes a broken copy right again, and questions during the switch wait for it', async () => {
    const file = `${await temporaryFolder()}/w.duckdb`
    const wrong = entries.map((entry) => ({ ...entry, recordedAt: '2020-01-01T00:00:00.000Z' }))
    const warehouse = await openAt(file)
    await applyAll(warehouse, wrong)
    let over = false
    const asking = async () => {
      while (!over) expect(valueOf(await warehouse.query('sales', { rows: [], measures: ['revenue'] })).cells).toEqual([{ currency: 'EUR', revenue: '90.12' }])
    }
    const askers = [asking(), asking(), asking()]
    valueOf(await warehouse.rebuild({ entriesAfter: entriesAfter(entries), progress: () => undefined }))
    over = true
    await Promise.all(askers)
    expect(await warehouse.digest()).toBe(await (await warehouseOf(entries)).digest())
  })

  it('starts over on what an earlier one left behind, and leaves the live copy alone when the journal fails', async () => {
    const file = `${await temporaryFolder()}/w.duckdb`
    const warehouse = await openAt(file)
    await applyAll(warehouse, entries.slice(0, 2))
    await expect(warehouse.rebuild({ entriesAfter: (after) => (after === 0 ? Promise.resolve(entries.slice(0, 5)) : Promise.reject(new Error('lost'))), progress: () => undefined })).rejects.toThrow('lost')
    expect(await warehouse.follower.position()).toBe(2)
    valueOf(await warehouse.rebuild({ entriesAfter: entriesAfter(entries), progress: () => undefined }))
    expect(await warehouse.digest()).toBe(await (await warehouseOf(entries)).digest())
  })
})

describe('the file', () => {
  it('is refused to a second opener', async () => {
    const file = `${await temporaryFolder()}/w.duckdb`
    await openAt(file)
    expect(await openWarehouse({ file, ...nothingParked })).toMatchObject({ ok: false, code: 'data-in-use' })
  })

  it('is built anew when it was built after another model', async () => {
    const folder = await temporaryFolder()
    const model = modelOf(await loadCubes())
    const old = valueOf(await openStore(`${folder}/w.duckdb`, modelOf(model.cubes.map((cube) => ({ ...cube, version: cube.version + 1 }))), nothingParked))
    await old.follower.apply(0, entries)
    await old.engine.close()
    await copyFile(`${folder}/w.duckdb`, `${folder}/copy.duckdb`)
    expect(await (await openAt(`${folder}/w.duckdb`)).follower.position()).toBe(0)
  })

  it('reaches no other file', async () => {
    const folder = await temporaryFolder()
    const engine = valueOf(await openDuckDb(`${folder}/w.duckdb`))
    await expect(engine.read((tx) => tx.rows(`select * from read_text('/etc/hostname')`))).rejects.toThrow(/disabled/)
    await expect(engine.write((tx) => tx.run('set enable_external_access = true'))).rejects.toThrow()
    await expect(engine.read((tx) => tx.rows('select 7 / 2 as half'))).rejects.toThrow('A column is a float')
    await engine.close()
  })
})
