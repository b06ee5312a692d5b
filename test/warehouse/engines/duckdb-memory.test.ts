import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../../hub/config.js'
import { ok } from '../../../schemas/result.js'
import { openDuckDb } from '../../../warehouse/engines/duckdb.js'
import type { Engine } from '../../../warehouse/engines/engine.js'
import { withinMemory } from '../../../warehouse/query/within-memory.js'
import { valueOf } from '../temporary-warehouse.js'

const folder = mkdtempSync(join(tmpdir(), 'chainhub-memory-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })
const configOf = (yaml: string) => {
  writeFileSync(join(folder, 'chainhub.yaml'), yaml)
  return readConfig({ config: join(folder, 'chainhub.yaml') }, {})
}

it('the warehouse takes as much memory as the configuration says, 1 GiB unless it does, and no less than it needs', () => {
  expect(readConfig({}, {})).toMatchObject({ ok: true, value: { warehouseBytes: 1_073_741_824 } })
  expect(configOf('warehouse: { memoryBytes: 134217728 }\n')).toMatchObject({ ok: true, value: { warehouseBytes: 134_217_728 } })
  expect(configOf('port: 0\nwarehouse: { memoryBytes: 1000 }\n')).toMatchObject({ ok: false, at: expect.stringMatching(/chainhub\.yaml:2 warehouse\.memoryBytes$/) as string, detail: expect.stringContaining('134217728') as string })
})

describe('a warehouse with 128 MiB', () => {
  let engine: Engine
  beforeAll(async () => { engine = valueOf(await openDuckDb(join(folder, 'w.duckdb'), { memoryBytes: 134_217_728, threads: 2 })) })
  afterAll(() => engine.close())

  it('has no more', async () => {
    expect(await engine.read((tx) => tx.rows('select current_setting(\'memory_limit\') as memory'))).toEqual([{ memory: '128.0 MiB' }])
  })

  it('answers what is larger from the disk', async () => {
    await engine.write((tx) => tx.run('create table t as select r as n, sha1(r::varchar) as s from range(2000000) t(r)'))
    const sorted = 'select max(place)::varchar as last from (select row_number() over (order by s) as place, s from t)'
    expect(await engine.read((tx) => tx.rows(sorted))).toEqual([{ last: '2000000' }])
  })

  it('says so of a question that cannot be answered from there, and answers the next', async () => {
    const asking = (sql: string) => withinMemory(engine, async () => ok(await engine.read((tx) => tx.rows(sql))))
    expect(await asking('select list(r) as l from (select repeat(\'x\', 100000) || r as r from range(5000) t(r))')).toMatchObject({ ok: false, code: 'query-invalid', detail: expect.stringContaining('warehouse.memoryBytes') as string })
    expect(await asking('select 1 as one')).toEqual(ok([{ one: 1 }]))
    await expect(asking('select * from nowhere')).rejects.toThrow(/nowhere/)
  })
})
