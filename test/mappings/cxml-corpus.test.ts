import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../mappings/engine/translator.js'
import { decodeText } from '../../schemas/decode-text.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { validateDocument } from '../../schemas/validate-document.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

const folder = projectFolder('..', 'shared', 'corpora', 'cxml')

/** What is no trade document between companies, and is told so by its name. */
const others = ['CatalogUploadRequest', 'Index', 'ProductActivityMessage', 'ProfileRequest', 'PunchOutOrderMessage', 'PunchOutSetupRequest', 'QuoteMessage']

describe.skipIf(!existsSync(folder))('the cXML documents of the corpora', () => {
  it('map without an error and read again as the same, or are told by the name of their request', async () => {
    const loaded = await loadTranslator(projectFolder('mappings'))
    if (!loaded.ok) throw new Error(loaded.detail)
    const translator = loaded.value
    const counts: Record<string, number> = {}
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.xml'))) {
      const text = decodeText(readFileSync(join(folder, name)))
      const root = text.ok ? readXml(text.value.text) : text
      if (!root.ok) throw new Error(`${name}: ${root.detail}`)
      const format = translator.recognise(root.value, ['cxml'])
      const id = format.ok ? format.value.id : others.find((other) => new RegExp(`(/| element )${other}\\b`).test(format.detail)) ?? ''
      expect(id, `${name} is neither mapped nor told`).not.toBe('')
      counts[id] = (counts[id] ?? 0) + 1
      if (!format.ok) continue
      const { documents: [document], issues } = translator.read(id, root.value)
      expect(issues, name).toEqual([])
      if (document === undefined) throw new Error(`${name} gave no document`)
      expect(validateDocument(document), name).toEqual([])
      const written = translator.write(id, document)
      const again = written.ok ? writeXml(written.value, { doctype: translator.doctypeOf(id) }) : written
      const reread = again.ok ? readXml(again.value) : again
      if (!reread.ok) throw new Error(`${name}: ${reread.detail}`)
      expect(translator.read(id, reread.value).documents, name).toEqual([document])
      for (const secret of text.ok ? text.value.text.match(/(?<=<SharedSecret>)[^<]+/g) ?? [] : []) expect(JSON.stringify(document), name).not.toContain(secret)
    }
    console.log(counts)
    expect(counts['cxml/order']).toBeGreaterThan(0)
    expect(counts['cxml/despatch']).toBeGreaterThan(0)
    expect(counts['cxml/status-update']).toBeGreaterThan(0)
  })
})

if (!existsSync(folder)) console.warn('The corpora are not here: the cXML documents of other systems were not tried.')
