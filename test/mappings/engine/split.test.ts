import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeChannel } from '../../../hub/intake/channel.js'
import { readPieces } from '../../../hub/intake/giants/read-pieces.js'
import { loadTranslator, type Translator } from '../../../mappings/engine/translator.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { ublOrder } from '../../fixtures/ubl-documents.js'

let folder: string
let translator: Translator

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainhub-test-'))
  await cp(projectFolder('mappings', 'ubl'), join(folder, 'ubl'), { recursive: true })
  const map = join(folder, 'ubl', 'despatch-advice.yaml')
  await writeFile(map, (await readFile(map, 'utf8')).replace(/^root: .*$/m, '$&\nsplit: cac:DespatchLine'))
  const loaded = await loadTranslator(folder)
  if (!loaded.ok) throw new Error(`${loaded.at}: ${loaded.detail}`)
  translator = loaded.value
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const rootOf = (xml: string) => {
  const root = readXml(xml)
  if (!root.ok) throw new Error(root.detail)
  return root.value
}

const piecesOf = async (xml: string) => {
  const bytes = Buffer.from(xml)
  const source = async function* () { yield await Promise.resolve(bytes) }
  const parts = []
  for await (const pieces of readPieces(translator.partsOf, makeChannel({ id: 'ubl', languages: ['ubl'] }), { source, bytes: bytes.length, contentType: '', contentEncoding: undefined })) {
    for (const piece of pieces) parts.push(...piece.read().map(({ root }) => root))
  }
  return parts
}

const advice = (lines: string): string => `<DespatchAdvice xmlns="urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>D-1</cbc:ID><cbc:IssueDate>2026-03-05</cbc:IssueDate>
${lines}
</DespatchAdvice>`
const line = (number: number): string => `<cac:DespatchLine><cbc:ID>${number}</cbc:ID></cac:DespatchLine>`

it('a format that declares where it splits is cut there, each part with the head and its own line', async () => {
  const parts = await piecesOf(advice([1, 2, 3].map(line).join('\n')))
  expect(parts).toMatchObject([1, 2, 3].map((number) => ({ ok: true, value: {
    name: 'DespatchAdvice', line: number + 2, children: [{ name: 'ID', text: 'D-1' }, { name: 'IssueDate' }, { name: 'DespatchLine', children: [{ name: 'ID', text: String(number) }] }],
  } })))
})

it('a catalogue is cut at its lines, and a part is numbered by head and line, which a catalogue that is not cut keeps for its lines', async () => {
  const whole = await readFile(projectFolder('mappings', 'ubl', 'samples', 'catalogue.xml'), 'utf8')
  const documents = (await piecesOf(whole)).map((root) => (root.ok ? translator.read('ubl/catalogue', root.value).documents[0] : root))
  expect(documents).toMatchObject([{ number: 'CAT-0026/0001', parties: { seller: {} }, lines: [{ number: '0001' }] }, { number: 'CAT-0026/0002', lines: [{ number: '0002', action: 'delete' }] }])
  expect(translator.read('ubl/catalogue', rootOf(whole)).documents).toMatchObject([{ number: 'CAT-0026', lines: [{}, {}] }])
})

it('what stands behind the first line, where no part would carry it, is refused at its place', async () => {
  expect(await piecesOf(advice(`${line(1)}\n<cbc:Note>late</cbc:Note>\n${line(2)}`))).toMatchObject([{ ok: true }, { ok: false, code: 'envelope-invalid', at: '4:1' }, { ok: true }])
})

it('a format that declares none is one document, however many lines it has, and a root that no format knows is cut into its children', async () => {
  expect(translator.partsOf(rootOf(ublOrder({ number: '1' })), ['ubl'])).toBe('whole')
  expect(translator.partsOf(rootOf('<Orders/>'), ['ubl'])).toBe('children')
  expect(translator.partsOf(rootOf(ublOrder({ number: '1' })), ['canonical'])).toBe('children')
  expect(await piecesOf(ublOrder({ number: '1' }))).toHaveLength(1)
})
