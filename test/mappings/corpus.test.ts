import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../mappings/engine/translator.js'
import { decodeText } from '../../schemas/decode-text.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { validateDocument } from '../../schemas/validate-document.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

const corpora = projectFolder('..', 'shared', 'corpora')
const folders = [join(corpora, 'ubl', 'xml'), join(corpora, 'peppol')]

/** Without what stays in the raw message alone. */
const withoutEmbedded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, held: unknown) => key === 'attachment' ? undefined : Array.isArray(held) && key === 'extensions' ? held.filter((one) => !JSON.stringify(one).includes('#sha256')) : held))

describe.skipIf(!existsSync(corpora))('the UBL and Peppol documents of the corpora', () => {
  it('map without an error, are canonical documents, and read again as the same after they were written', async () => {
    const loaded = await loadTranslator(projectFolder('mappings'))
    if (!loaded.ok) throw new Error(loaded.detail)
    const translator = loaded.value
    const counts: Record<string, number> = {}
    for (const folder of folders) {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.xml'))) {
        const text = decodeText(readFileSync(join(folder, name)))
        const root = text.ok ? readXml(text.value.text) : text
        if (!root.ok) throw new Error(`${name}: ${root.detail}`)
        const format = translator.recognise(root.value, ['ubl'])
        const id = format.ok ? format.value.id : 'not of a kind that is mapped'
        counts[id] = (counts[id] ?? 0) + 1
        if (!format.ok) continue
        const { documents: [document], issues } = translator.read(id, root.value)
        expect(issues.filter(({ severity }) => severity === undefined), name).toEqual([])
        if (document === undefined) throw new Error(`${name} gave no document`)
        expect(validateDocument(document), name).toEqual([])
        const written = translator.write(id, document)
        const again = written.ok ? writeXml(written.value) : written
        const reread = again.ok ? readXml(again.value) : again
        if (!reread.ok) throw new Error(`${name}: ${reread.detail}`)
        expect(withoutEmbedded(translator.read(id, reread.value).documents[0]), name).toEqual(withoutEmbedded(document))
      }
    }
    console.log(counts)
    expect(counts['ubl/order']).toBeGreaterThan(0)
  })
})

if (!existsSync(corpora)) console.warn('The corpora are not here: the documents of other systems were not tried.')
