import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../../mappings/engine/translator.js'
import { draftTable } from '../../../mappings/scaffold/draft-table.js'
import { lintMap } from '../../../mappings/scaffold/lint-map.js'
import type { Result } from '../../../schemas/result.js'
import { validateDocument } from '../../../schemas/validate-document.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const table = 'Bestellnummer;Bestelldatum;Kundennummer;Waehrung;Pos;Artikelnummer;Menge;Einzelpreis;Farbe\n4711;31.03.2026;0010300099;EUR;10;00815;1,5;12,50;rot\n4711;31.03.2026;0010300099;EUR;20;00816;2,0;3,00;"blau; hell"\n4712;01.04.2026;0010300098;EUR;10;00815;4,0;12,50;rot\n'

describe('a mapping drafted from a table', () => {
  it('knows the delimiter, the key, what belongs to the lines, and reads the sample', async () => {
    const { draft, root } = must(draftTable('partner', table, undefined))
    expect(draft).toMatchObject({ kind: 'order', unmapped: ['lines: Farbe (rot)'] })
    expect(draft.files['description.yaml']).toContain("csv:\n  delimiter: ;\n  key:\n    - Bestellnummer\n  columns:\n    Bestellnummer: Bestellnummer\n")
    const folder = await mkdtemp(join(tmpdir(), 'chainhub-table-'))
    try {
      await mkdir(join(folder, 'partner'))
      for (const [name, text] of Object.entries(draft.files)) await writeFile(join(folder, 'partner', name), text)
      const translator = must(await loadTranslator(folder))
      const documents = must(translator.textsOf(['partner'])?.read(table) ?? { ok: false, code: 'format-unknown', at: '', detail: 'no tables' }).map(({ root }) => must(root))
      expect(documents.map((one) => must(translator.recognise(one, ['partner'])).id)).toEqual(['partner/order', 'partner/order'])
      const read = documents.map((one) => translator.read('partner/order', one))
      expect(read.flatMap(({ issues }) => issues)).toEqual([])
      expect(translator.read('partner/order', root).documents).toEqual(read[0]?.documents)
      expect(read[0]?.documents).toMatchObject([{ number: '4711', issuedOn: '2026-03-31', currency: 'EUR', lines: [{ number: '10', quantity: { value: '1.5' }, price: { amount: { value: '12.5', currency: 'EUR' } } }, { item: { sellersNumber: '00816' } }] }])
      expect(read.flatMap(({ documents: made }) => made.flatMap(validateDocument))).toEqual([])
      const map = translator.describedFormat('partner/order')?.map
      expect(map === undefined ? [] : lintMap(map).map(({ severity, detail }) => `${severity} ${detail}`)).toEqual(['warning Nothing reads line/Farbe: it is kept as an extension.'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('is refused where the first row names no columns', () => {
    expect(draftTable('partner', '1;2\n3;4\n', undefined)).toMatchObject({ ok: false, code: 'request-invalid' })
    expect(draftTable('partner', 'no;pos\n', undefined)).toMatchObject({ ok: false })
  })
})
