import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../hub/intake/canonical-json.js'
import { loadTranslator } from '../../../mappings/engine/translator.js'
import type { CanonicalDocument } from '../../../schemas/canonical/canonical-document.js'
import { decodeText } from '../../../schemas/decode-text.js'
import { readJson } from '../../../schemas/json-reader.js'
import { writeJson } from '../../../schemas/json-writer.js'
import type { Node } from '../../../schemas/node.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import type { Result } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))

const corpus = projectFolder('..', 'shared', 'corpora', 'ubl')
const samples = projectFolder('mappings', 'ubl', 'samples')

const textOf = (path: string): string => must(decodeText(readFileSync(path))).text

const readAs = (root: Node): { readonly id: string, readonly document: CanonicalDocument } | undefined => {
  const format = translator.recognise(root, ['ubl'])
  if (!format.ok) return undefined
  const { documents: [document], issues } = translator.read(format.value.id, root)
  if (document === undefined) throw new Error(JSON.stringify(issues))
  return { id: format.value.id, document }
}

describe.skipIf(!existsSync(corpus))('the pairs of OASIS', () => {
  it('give one canonical document from XML and from JSON', () => {
    const agreed: Record<string, number> = {}
    const different: string[] = []
    for (const name of readdirSync(join(corpus, 'json'))) {
      const xml = readAs(must(readXml(textOf(join(corpus, 'xml', name.replace(/json$/, 'xml'))))))
      const json = readAs(must(readJson(textOf(join(corpus, 'json', name)))))
      expect(json?.id, name).toBe(xml?.id)
      if (xml === undefined || json === undefined) continue
      if (canonicalJson(xml.document) === canonicalJson(json.document)) agreed[xml.id] = (agreed[xml.id] ?? 0) + 1
      else different.push(name)
    }
    console.log('pairs of XML and JSON that agree:', agreed, 'that differ:', different)
    expect(different).toEqual([])
    expect(Object.keys(agreed).length).toBeGreaterThan(0)
  })
})

if (!existsSync(corpus)) console.warn('The corpora are not here: the pairs of XML and JSON were not compared.')

describe('UBL as JSON', () => {
  const order = (members: string, head = '"_D":"urn:oasis:names:specification:ubl:schema:xsd:Order-2","_A":"","_B":""'): Node => must(readJson(`{${head},
 "Order":[{"ID":[{"_":"0815"}],"IssueDate":[{"_":"2026-03-05"}],"DocumentCurrencyCode":[{"_":"EUR"}],
  ${members}
  "OrderLine":[{"LineItem":[{"ID":[{"_":"1"}],"Item":[{"Name":[{"_":"Bolt","languageID":"en"}]}]}]}]}]}`))

  it('keeps the digits of numbers as they were sent', () => {
    const read = readAs(order('"AnticipatedMonetaryTotal":[{"LineExtensionAmount":[{"_":12345678901234567890.10,"currencyID":"EUR"}],"PayableAmount":[{"_":100.00,"currencyID":"EUR"}]}],'))
    expect(read?.document).toMatchObject({ totals: { lines: { value: '12345678901234567890.1' }, payable: { value: '100', currency: 'EUR' } }, lines: [{ item: { names: [{ language: 'en', value: 'Bolt' }] } }] })
  })
  it('says line and column of the JSON where a value is wrong', () => {
    expect(translator.read('ubl/order', order('"ValidityPeriod":[{"EndDate":[{"_":"2026-02-30"}]}],')).issues.filter(({ severity }) => severity === undefined))
      .toMatchObject([{ code: 'value-invalid', at: '3:38 cac:ValidityPeriod/cbc:EndDate' }])
  })
  it('leaves a time of UTC as it is, unless the document writes Z behind its days too', () => {
    expect(readAs(order('"IssueTime":[{"_":"15:30:00Z"}],'))?.document).toMatchObject({ issueTime: { time: '15:30:00', offset: 'Z' } })
    const zoned = must(readJson('{"_D":"","Order":[{"ID":[{"_":"1"}],"IssueDate":[{"_":"2026-03-05Z"}],"IssueTime":[{"_":"15:30:00Z"}]}]}'))
    expect(readAs(zoned)?.document).toMatchObject({ issuedOn: '2026-03-05', issueTime: { time: '15:30:00' } })
  })
  it('is recognised by the name of its document, but not under a namespace of others, nor with two documents in one', () => {
    expect(readAs(order('', '"_D":""'))?.id).toBe('ubl/order')
    expect(readAs(order('', '"_D":"urn:other"'))).toBeUndefined()
    expect(readAs(must(readJson('{"_D":"","Order":[{"ID":[{"_":"1"}]},{"ID":[{"_":"2"}]}]}')))).toBeUndefined()
    expect(readAs(must(readJson('{"Order":[{"ID":[{"_":"1"}]}]}')))).toBeUndefined()
  })
})

describe.each(readdirSync(samples).filter((name) => name.endsWith('.xml')))('the sample %s', (name) => {
  it('reads as the same document after it was written as JSON', () => {
    const read = readAs(must(readXml(textOf(join(samples, name)))))
    if (read === undefined) throw new Error('not recognised')
    const written = must(writeJson(must(translator.write(read.id, read.document, 'json'))))
    expect(written).toMatch(/^\{"_D":"urn:oasis:names:specification:ubl:schema:xsd:\w+-2","_A":/)
    expect(readAs(must(readJson(written)))).toEqual(read)
  })
})
