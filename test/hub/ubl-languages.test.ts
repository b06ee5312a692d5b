import { readFile, readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadTranslator, type Translator } from '../../mappings/engine/translator.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { writeJson } from '../../schemas/json-writer.js'
import { readXml } from '../../schemas/xml-reader.js'
import { makeDataFolder, startHub, type RunningHub } from '../fixtures/hub.js'

let hub: RunningHub
let translator: Translator
let removeFolder: () => Promise<void>

beforeAll(async () => {
  const folder = await makeDataFolder()
  removeFolder = folder.remove
  hub = await startHub({ dataFolder: folder.path })
  const loaded = await loadTranslator(projectFolder('mappings'))
  if (!loaded.ok) throw new Error(loaded.detail)
  translator = loaded.value
})
afterAll(async () => {
  await hub.end('SIGTERM')
  await removeFolder()
})

const samples = projectFolder('mappings', 'ubl', 'samples')
const sample = (name: string): Promise<string> => readFile(`${samples}/${name}`, 'utf8')

const asJson = (xml: string): string => {
  const root = readXml(xml)
  if (!root.ok) throw new Error(root.detail)
  const format = translator.recognise(root.value, ['ubl'])
  if (!format.ok) throw new Error(format.detail)
  const [document] = translator.read(format.value.id, root.value).documents
  if (document === undefined) throw new Error('nothing was read')
  const written = translator.write(format.value.id, document, 'json')
  const text = written.ok ? writeJson(written.value, { indent: true }) : written
  if (!text.ok) throw new Error(text.detail)
  return text.value
}

describe('a channel of UBL', () => {
  it('takes every kind of document, and counts none twice that comes as XML and as JSON', async () => {
    for (const name of (await readdir(samples)).filter((one) => one.endsWith('.xml') && !one.startsWith('order-gb') && !one.startsWith('order-soap'))) {
      const xml = await sample(name)
      const first = await hub.send('demo-ubl', xml)
      expect(first, name).toMatchObject({ status: 200, answer: { outcome: 'accepted', documents: [{ revision: 1 }] } })
      const again = await hub.send('demo-ubl', asJson(xml), { headers: { 'content-type': 'application/json' } })
      expect(again, name).toMatchObject({ status: 200, answer: { outcome: 'duplicate', documents: [{ id: first.answer.documents[0]?.id, revision: 1 }] } })
    }
  })

  it('shows the lineage of a document in JSON at the places of the JSON', async () => {
    const json = asJson((await sample('forecast.xml')).replace('FC-2026-Q2', 'FC-2026-Q3'))
    const { answer } = await hub.send('demo-ubl', json)
    const line = json.split('\n').findIndex((text) => text.includes('FC-2026-Q3')) + 1
    const lineage = await hub.json('GET', `/messages/${answer.messageId}/lineage`)
    expect(JSON.stringify(lineage)).toContain(`"target":"number","source":"cbc:ID","line":${line}`)
  })
})
