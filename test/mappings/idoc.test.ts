import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../mappings/engine/translator.js'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { checkTotals } from '../../schemas/check-totals.js'
import type { Node } from '../../schemas/node.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { keyedPartiesOf } from '../../schemas/source-key.js'
import { validateDocument } from '../../schemas/validate-document.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const sample = (name: string, language = 'idoc'): string => readFileSync(projectFolder('mappings', language, 'samples', name), 'utf8')

const translate = (text: string) => {
  const root = must(readXml(text))
  return translator.read(must(translator.recognise(root, ['idoc', 's4-soap', 'ubl'])).id, root)
}
const read = (text: string): CanonicalDocument => {
  const { documents: [document], issues } = translate(text)
  if (document === undefined) throw new Error(JSON.stringify(issues))
  return document
}
const write = (format: string, document: CanonicalDocument): Node => must(translator.write(format, document))
const written = (format: string, document: CanonicalDocument): string => must(writeXml(write(format, document)))

describe('a number of SAP\'s', () => {
  const quantity = (sent: string) => translate(sample('order.xml').replace('>1200.000<', `>${sent}<`)).documents[0]
  it.each([['10.500-', '-10.5'], ['10.500', '10.5'], ['      12.000', '12'], ['-3', '-3'], ['0.000', '0'], ['12345678901234567890.001', '12345678901234567890.001']])('%s is %s', (sent, value) => {
    expect(quantity(sent)).toMatchObject({ lines: [{ quantity: { value } }, {}] })
  })
  it('below zero has its minus behind when it is written', () => {
    expect(written('idoc/order', read(sample('order.xml').replace('>1200.000<', '>10.500-<')))).toContain('<MENGE>10.5-</MENGE>')
  })
  it('that is none is told where it stands', () => {
    expect(translate(sample('order.xml').replace('>1200.000<', '>1.200,00<')).issues).toMatchObject([{ code: 'value-invalid', at: expect.stringContaining('IDOC/E1EDP01[1]/MENGE') as unknown }])
  })
})

describe('a giant of IDocs', () => {
  it.each(['ORDERS05', 'YM_ORDERS05'])('is cut at each IDOC, its root being named %s', (root) => {
    expect(translator.partsOf(must(readXml(`<${root}/>`)), ['idoc'])).toEqual({ name: 'IDOC', namespace: '', isSeenByChild: true })
  })
})

describe('a date or a time of SAP\'s', () => {
  it('of zeros is none, and a wrong one is told by its qualifier', () => {
    expect(read(sample('order.xml').replace('<DATUM>20260320</DATUM>', '<DATUM>00000000</DATUM>'))).not.toHaveProperty('delivery.requested')
    expect(translate(sample('order.xml').replace('<DATUM>20260320</DATUM>', '<DATUM>20260230</DATUM>')).issues)
      .toMatchObject([{ code: 'value-invalid', at: expect.stringContaining('IDOC/E1EDK03[IDDAT=002]/DATUM') as unknown }])
  })
})

describe('a price for a hundred', () => {
  it('keeps what it is for, adds up, and is written as it was', () => {
    const document = read(sample('order.xml'))
    expect(document).toMatchObject({ lines: [{ quantity: { value: '1200' }, price: { amount: { value: '475' }, baseQuantity: { value: '100', unit: 'H87' } }, amount: { value: '5700' } }, {}] })
    expect(checkTotals(document)).toEqual([])
    expect(written('idoc/order', document)).toMatch(/<VPREI>475<\/VPREI><PEINH>100<\/PEINH>/)
  })
  it('is told by the condition of an invoice that has it', () => {
    const text = sample('invoice.xml').replace('<BETRG>5.00</BETRG>', '<BETRG>500.00</BETRG>').replace('<KRATE>5.00</KRATE>', '<KRATE>500.00</KRATE>').replace('<UPRBS>1</UPRBS>', '<UPRBS>100</UPRBS>')
    const document = read(text)
    expect(document).toMatchObject({ lines: [{ price: { amount: { value: '500' }, baseQuantity: { value: '100' } } }] })
    expect(checkTotals(document)).toEqual([])
  })
})

describe('a line without a price', () => {
  it('has none, though its price unit and an empty price stand there', () => {
    const document = read(sample('order.xml').replace('<VPREI>475.00</VPREI>', '<VPREI/>'))
    expect(document).not.toHaveProperty('lines.0.price')
    expect(validateDocument(document)).toEqual([])
  })
})

describe('a party\'s number', () => {
  const padded = sample('order.xml').replace('<PARTN>10300099</PARTN>', '<PARTN>10300099</PARTN><LIFNR>00A7</LIFNR>')
  it('keeps its zeros, and is one with the number without them', () => {
    const document = read(padded)
    expect(document).toMatchObject({ parties: { buyer: { identifiers: [{ scheme: 'vat' }, { value: '0010300099' }, { scheme: 'gln' }] }, billTo: { identifiers: [{ value: '10300099' }, { value: '00A7' }] } } })
    const keys = keyedPartiesOf('sap', document).flatMap(({ role, line, key }) => (line === undefined && role !== 'seller' ? [key] : []))
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
    expect(written('idoc/order', document)).toContain('<PARTN>0010300099</PARTN>')
  })
  it('with letters in it keeps its zeros in comparison too', () => {
    const keyOf = (number: string) => keyedPartiesOf('sap', read(padded.replaceAll('>0010300099<', `>${number}<`)))[0]?.key
    expect(keyOf('00A7')).not.toBe(keyOf('A7'))
    expect(keyOf('0000000007')).toBe(keyOf('7'))
  })
  it('of S/4 does both as well', () => {
    const document = read(sample('order.xml', 's4-soap'))
    const keys = keyedPartiesOf('sap', document).filter(({ role }) => role === 'buyer' || role === 'billTo').map(({ key }) => key)
    expect(document).toMatchObject({ parties: { buyer: { identifiers: [{}, { value: '0010300099' }] }, billTo: { identifiers: [{ value: '10300099' }] } } })
    expect(new Set(keys).size).toBe(1)
  })
})

describe('a partner function', () => {
  it('SP is the forwarding agent beside an AG, and the sold-to party without one', () => {
    const agent = sample('invoice.xml').replace('<E1EDKA1 SEGMENT="1">', '<E1EDKA1 SEGMENT="1"><PARVW>SP</PARVW><PARTN>0000005001</PARTN><NAME1>SF</NAME1></E1EDKA1><E1EDKA1 SEGMENT="1">')
    expect(read(agent)).toMatchObject({ parties: { carrier: { names: [{ value: 'SF' }] }, buyer: { names: [{ value: '上海莲花贸易有限公司' }, {}] } } })
    const soldTo = read(sample('invoice.xml').replace('<PARVW>AG</PARVW>', '<PARVW>SP</PARVW>'))
    expect(soldTo).toMatchObject({ parties: { buyer: { names: [{ value: '上海莲花贸易有限公司' }, {}] } } })
    expect(soldTo).not.toHaveProperty('parties.carrier')
  })
})

describe('a credit memo', () => {
  it('is a credit note whose amounts reduce, whichever sign they were sent with', () => {
    const positive = read(sample('credit-note.xml'))
    expect(positive).toMatchObject({ kind: 'credit-note', totals: { payable: { value: '53.68' } }, lines: [{ amount: { value: '47.5' } }] })
    const negative = sample('credit-note.xml').replace(/<SUMME>([\d.]{3,})<\/SUMME>/g, '<SUMME>$1-</SUMME>').replace('<BETRG>47.50</BETRG>', '<BETRG>47.50-</BETRG>')
    expect(read(negative)).toMatchObject({ totals: { taxExclusive: { value: '47.5' }, payable: { value: '53.68' } }, taxTotals: [{ amount: { value: '6.18' } }], lines: [{ amount: { value: '47.5' } }] })
  })
})

describe('a despatch', () => {
  it('has its handling units by their SSCC of 18 digits, and writes SAP\'s 20', () => {
    const document = read(sample('despatch.xml'))
    expect(document).toMatchObject({ packages: [{ sscc: '395200000123456783', contents: [{ line: '000010', lots: ['0000004711'] }] }, { sscc: '395200000123456790' }] })
    expect(written('idoc/despatch', document)).toContain('<EXIDV>00395200000123456783</EXIDV>')
  })
  it('whose items come back sends nothing', () => {
    const document = read(sample('despatch.xml').replace('<PSTYV>TAN</PSTYV>', '<PSTYV>REN</PSTYV><SHKZG>X</SHKZG>'))
    expect(document).toMatchObject({ lines: [{ returned: { value: '600' } }, { quantity: { value: '200' } }] })
    expect(document).not.toHaveProperty('lines.0.quantity')
  })
  it('that names the sales order alone refers to the seller\'s number', () => {
    expect(read(sample('despatch.xml').replace(/<E1EDL41[^]*?<\/E1EDL41>/g, ''))).toMatchObject({ lines: [{ references: [{ kind: 'order', number: '0007000412', line: '000010', issuer: { role: 'seller' } }] }, {}] })
  })
})

describe('an IDoc that is written', () => {
  const names = (node: Node): readonly string[] => node.children.map(({ name }) => name).filter((name, index, all) => all[index - 1] !== name)
  const ubl = read(sample('order.xml', 'ubl'))

  it('from a UBL order has its control record, its segments in SAP\'s order, and says of each that it is one', () => {
    const root = write('idoc/order', ubl)
    const [idoc] = root.children
    if (idoc === undefined) throw new Error('there is no IDOC')
    expect(root.name).toBe('ORDERS05')
    expect(idoc.attributes).toMatchObject([{ name: 'BEGIN', value: '1' }])
    const order = ['EDI_DC40', 'E1EDK01', 'E1EDK14', 'E1EDK03', 'E1EDK04', 'E1EDK05', 'E1EDKA1', 'E1EDK02', 'E1EDK17', 'E1EDK18', 'E1EDKT1', 'E1EDP01', 'E1EDS01']
    expect(names(idoc)).toEqual(order.filter((name) => names(idoc).includes(name)))
    expect(must(writeXml(root))).toMatch(/<EDI_DC40 SEGMENT="1"><TABNAM>EDI_DC40<\/TABNAM><DIRECT>2<\/DIRECT><IDOCTYP>ORDERS05<\/IDOCTYP><MESTYP>ORDERS<\/MESTYP>/)
    const segments = (node: Node): boolean => node.children.length === 0 || (node.attributes.some(({ name }) => name === 'SEGMENT') && node.children.every(segments))
    expect(idoc.children.every(segments)).toBe(true)
  })

  it('and read again is the order that it was, as far as an IDoc can say it', () => {
    const again = read(written('idoc/order', ubl))
    expect(again).toMatchObject({ kind: 'order', number: ubl.number })
    expect(validateDocument(again)).toEqual([])
  })
})
