import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { keepMappingVersions } from '../../../hub/central/mapping-versions.js'
import type { MessageLineage } from '../../../hub/intake/lineage.js'
import { loadTranslator, type Translator } from '../../../mappings/engine/translator.js'
import { readJson } from '../../../schemas/json-reader.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import type { Result } from '../../../schemas/result.js'
import { newIntake, order } from '../../fixtures/intake.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
const folder = await mkdtemp(join(tmpdir(), 'chainhub-lineage-'))
afterAll(() => rm(folder, { recursive: true }))
const shopOrder = await readFile(projectFolder('mappings', 'shop-json', 'samples', 'order.json'), 'utf8')

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

let made = 0

/** The mappings with one text of the shop's exchanged, as they may have been another day. */
const mappingsWith = async (file: string, from: string, to: string, language = 'shop-json'): Promise<Translator> => {
  const copy = join(folder, String(++made))
  await cp(projectFolder('mappings', language), join(copy, language), { recursive: true })
  const text = await readFile(join(copy, language, file), 'utf8')
  expect(text).toContain(from)
  await writeFile(join(copy, language, file), text.replace(from, to))
  return must(await loadTranslator(copy))
}

/** What the lineage of the shop's order says that was mapped by mappings of another day, whose texts were kept. */
const lineageOf = async (then: Translator, keep = true) => {
  const { post, lineage, today, database } = await newIntake(postgres)
  if (keep) await keepMappingVersions(database, then.formats.map(({ id }) => ({ format: id, ...then.sourcesOf(id) })))
  const now = today.translator
  today.translator = then
  const { messageId, outcome } = await post(shopOrder, { channel: 'demo-json' })
  expect(outcome).toBe('accepted')
  today.translator = now
  const versionOf = (translator: { readonly formats: readonly { readonly id: string, readonly version: string }[] }) => translator.formats.find(({ id }) => id === 'shop-json/order')?.version
  return { part: partOf(await lineage(messageId)), then: versionOf(then), now: versionOf(now) }
}

const partOf = (lineage: Result<MessageLineage>): MessageLineage['parts'][number] => {
  const [part] = must(lineage).parts
  if (part === undefined) throw new Error('There is no part.')
  return part
}

const customerComment = { target: 'notes[0].value', source: 'customerComment' }
const asCost = { target: 'accountingCost', source: 'customerComment' }

describe('the lineage of a message', () => {
  it('is recomputed from its bytes and says nothing of versions while the mapping is the same', async () => {
    const { post, lineage } = await newIntake(postgres)
    const { messageId } = await post(JSON.stringify([order('1'), order('2')]))
    const parts = must(await lineage(messageId)).parts
    expect(parts).toMatchObject([{ part: 1, format: 'canonical/order' }, { part: 2, format: 'canonical/order' }])
    expect(parts[0]?.lineage.length).toBeGreaterThan(5)
    expect(Object.keys(parts[0] ?? {})).toEqual(['part', 'format', 'mappingVersion', 'lineage', 'errors'])
  })

  it('is that of the version by which it was mapped, whatever the mapping says today', async () => {
    const { part, then, now } = await lineageOf(await mappingsWith('order.yaml', 'notes[0].value <=> customerComment', 'accountingCost <=> customerComment'))
    expect(part).toMatchObject({ format: 'shop-json/order', mappingVersion: then, todaysMappingVersion: now, errors: [] })
    expect(then).not.toBe(now)
    expect(part.lineage).toContainEqual(expect.objectContaining(asCost))
    expect(part.lineage).not.toContainEqual(expect.objectContaining(customerComment))
    expect(part).not.toHaveProperty('functionsChanged')
    expect(part).not.toHaveProperty('engineChanged')
  })

  it('names another version where only the description was another one, whose text is kept once for the maps of the language', async () => {
    const { part, then, now } = await lineageOf(await mappingsWith('description.yaml', 'orderDate 1..1: date', 'orderDate: date'))
    expect(then).not.toBe(now)
    expect(part).toMatchObject({ mappingVersion: then, todaysMappingVersion: now, errors: [] })
    expect(part.lineage).toContainEqual(expect.objectContaining(customerComment))
    expect(part).not.toHaveProperty('engineChanged')
    const { descriptionSources, sourcesOf } = await mappingsWith('description.yaml', 'orderDate 1..1: date', 'orderDate: date')
    const [described] = descriptionSources
    expect(described).toMatchObject({ format: 'shop-json', files: { 'shop-json/description.yaml': expect.stringContaining('orderDate: date') as string } })
    for (const id of ['shop-json/order', 'shop-json/invoice']) expect(sourcesOf(id).files).toMatchObject({ 'shop-json/description.version': described?.version })
  })

  it('of a table reads the columns that the description named then, and so does a replay by that version', async () => {
    const then = await mappingsWith('description.yaml', 'pos: Pos.', 'pos: Row', 'shop-csv')
    const table = (await readFile(projectFolder('mappings', 'shop-csv', 'samples', 'order.csv'), 'utf8')).replace('Pos.', 'Row')
    const { post, lineage, diff, today, database } = await newIntake(postgres)
    await keepMappingVersions(database, [...then.descriptionSources, ...then.formats.map(({ id }) => ({ format: id, ...then.sourcesOf(id) }))])
    const now = today.translator
    today.translator = then
    const { messageId, outcome } = await post(table, { channel: 'tables', contentType: 'text/csv' })
    expect(outcome).toBe('accepted')
    today.translator = now
    const { mappingVersion, lineage: fields, errors } = partOf(await lineage(messageId))
    expect(errors).toEqual([])
    expect(mappingVersion).toBe(then.formats.find(({ id }) => id === 'shop-csv/order')?.version)
    expect(fields).toContainEqual(expect.objectContaining({ target: 'lines[0].number', source: expect.stringContaining('pos') as string }))
    const difference = must(await diff(messageId, mappingVersion))
    expect(difference).toMatchObject({ differs: false, errors: { come: [], gone: [] } })
  })

  it('says where the functions beside the map have changed since, for only those of today can be run', async () => {
    const { part } = await lineageOf(await mappingsWith('functions.ts', 'import', '// Another day.\nimport'))
    expect(part).toMatchObject({ functionsChanged: true, errors: [] })
    expect(part.lineage).toContainEqual(expect.objectContaining(customerComment))
  })

  it('says so where the files of its version are not kept', async () => {
    const { part } = await lineageOf(await mappingsWith('order.yaml', 'rules:', '# Another day.\nrules:'), false)
    expect(part).toMatchObject({ lineage: [], errors: [{ code: 'not-found', at: 'shop-json/order' }] })
  })

  it('of a message that no format recognised is what today\'s mappings make of it', async () => {
    const { post, lineage, today } = await newIntake(postgres)
    const now = today.translator
    today.translator = await mappingsWith('order.yaml', 'documentType=shop.order', 'documentType=other')
    const { messageId, outcome } = await post(shopOrder, { channel: 'demo-json' })
    expect(outcome).toBe('rejected')
    today.translator = now
    expect(partOf(await lineage(messageId)).lineage).toContainEqual(expect.objectContaining(customerComment))
  })
})

describe('a format compiled from what was kept of it', () => {
  const translator = loadTranslator(projectFolder('mappings'))

  it('needs the functions that its map names', async () => {
    const today = must(await translator)
    const { files } = today.sourcesOf('shop-json/order')
    const without = { ...files, 'shop-json/shared.yaml': (files['shop-json/shared.yaml'] ?? '').replace('after: unit-as-sent', 'after: long-gone') }
    expect(today.ofSources('shop-json/order', without)).toMatchObject({ ok: false, code: 'mapping-invalid', detail: expect.stringContaining('long-gone') as string })
  })

  it('is of the same version as long as the engine is the same', async () => {
    const today = must(await translator)
    const { files, version } = today.sourcesOf('ubl/order')
    expect(must(today.ofSources('ubl/order', files)).version).toBe(version)
  })

  it('reads the hub\'s own form by the schema of that day', async () => {
    const today = must(await translator)
    const { files } = today.sourcesOf('canonical/order')
    const [name = '', text = ''] = Object.entries(files)[0] ?? []
    const then = must(today.ofSources('canonical/order', { [name]: text.replaceAll('"accountingCost"', '"costCentre"') }))
    const { issues, lineage } = then.read(must(readJson('{"kind":"order","costCentre":"4711","lines":[{"number":"1","subLines":[{"number":"1.1"}]}]}')))
    expect({ issues, targets: lineage.map(({ target }) => target) }).toEqual({ issues: [], targets: ['kind', 'costCentre', 'lines[0].number', 'lines[0].subLines[0].number'] })
    expect(then.version).not.toBe(today.sourcesOf('canonical/order').version)
  })
})
