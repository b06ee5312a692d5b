import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../mappings/engine/translator.js'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { validateDocument } from '../../schemas/validate-document.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const sample = readFileSync(projectFolder('mappings', 'cxml', 'samples', 'status-update.xml'), 'utf8')
const invoiceStatus = /<InvoiceStatus[\s\S]*<\/InvoiceStatus>/

const read = (text: string) => translator.read('cxml/status-update', must(readXml(text)))
const written = (document: CanonicalDocument): string => must(writeXml(must(translator.write('cxml/status-update', document))))
const inside = (text: string): string => /<StatusUpdateRequest>[\s\S]*<\/StatusUpdateRequest>/.exec(text)?.[0] ?? ''

describe('a status update of cXML', () => {
  it.each([
    ['200', '', 'accepted'], ['201', '', 'in-process'], ['280', '', 'acknowledged'], ['400', '', 'rejected'], ['500', '', 'rejected'],
    ['200', '<InvoiceStatus type="processing"/>', 'in-process'], ['200', '<InvoiceStatus type="reconciled"/>', 'accepted'], ['200', '<InvoiceStatus type="rejected"/>', 'rejected'],
    ['200', '<DocumentStatus type="approved"><DocumentInfo documentID="007" documentType="PurchaseOrder"/></DocumentStatus>', 'accepted'],
    ['200', '<DocumentStatus type="on the way"><DocumentInfo documentID="S1" documentType="ShipNoticeRequest"/></DocumentStatus>', 'in-process'],
    ['200', '<SourcingStatus action="deny">Too dear.</SourcingStatus>', 'rejected'],
  ])('of the code %s with %s is an answer: %s, and is written so again', (code, detail, expected) => {
    const text = sample.replace('code="200"', `code="${code}"`).replace(invoiceStatus, detail)
    const { documents: [document], issues } = read(text)
    if (document === undefined) throw new Error('nothing was read')
    expect(issues).toEqual([])
    expect(document).toMatchObject({ response: { code: expected } })
    expect(validateDocument(document)).toEqual([])
    expect(read(written(document)).documents).toEqual([document])
  })

  it('names what it is about, by the kind of document that it says', () => {
    const text = sample.replace(invoiceStatus, '<DocumentStatus type="approved"><DocumentInfo documentID="007" documentType="PurchaseOrder" documentDate="2026-03-02T09:15:30+08:00"/></DocumentStatus>')
    expect(read(text).documents).toMatchObject([{ references: [{ kind: 'other', type: 'message' }, { kind: 'order', number: '007', issuedOn: '2026-03-02' }] }])
  })

  it('with a code or a state that nobody knows says so', () => {
    expect(read(sample.replace('code="200"', 'code="fine"')).issues.filter(({ rule }) => rule === undefined)).toMatchObject([{ code: 'value-invalid', detail: "'fine' is not a status code; write it like 200." }])
    expect(read(sample.replace('type="paid"', 'type="sunk"')).issues.filter(({ rule }) => rule === undefined)).toMatchObject([{ code: 'code-unknown' }])
  })

  it('is made of an answer that came in another language', () => {
    const root = must(readXml(readFileSync(projectFolder('mappings', 'ubl', 'samples', 'application-response.xml'), 'utf8')))
    const [document] = translator.read('ubl/application-response', root).documents
    if (document === undefined) throw new Error('nothing was read')
    const text = written(document)
    expect(inside(text)).toMatch(/<Status xml:lang="en" code="200" text="OK">The price of line 2 is not the one ordered\.<\/Status><InvoiceStatus type="processing"><InvoiceIDInfo invoiceID="INV-0000481" invoiceDate="2026-03-16"\/>/)
    expect(read(text).issues).toEqual([])
    expect(read(text).documents).toMatchObject([{ response: { code: 'in-process' }, references: [{ kind: 'invoice', number: 'INV-0000481' }] }])
  })
})
