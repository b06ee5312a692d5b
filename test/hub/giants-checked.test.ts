import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageLineage } from '../../hub/intake/lineage.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { orderBatch, partsOf, startGiantHub, type GiantHub } from '../fixtures/giants.js'
import { order } from '../fixtures/intake.js'

let giants: GiantHub
beforeAll(async () => {
  giants = await startGiantHub()
  await registerNumbers()
})
afterAll(async () => { await giants.stop() })

const namespaceOf = (name: string): string => `urn:oasis:names:specification:ubl:schema:xsd:${name}-2`

/** Everything may stand in these documents, but no blank in a cbc:ID. */
const registerNumbers = async (): Promise<void> => {
  const open = (name: string): string => `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${namespaceOf(name)}"><xs:import namespace="${namespaceOf('CommonBasicComponents')}" schemaLocation="basic.xsd"/>
    <xs:element name="${name}"><xs:complexType><xs:sequence><xs:any processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element></xs:schema>`
  const basic = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="${namespaceOf('CommonBasicComponents')}" targetNamespace="${namespaceOf('CommonBasicComponents')}">
    <xs:simpleType name="Number"><xs:restriction base="xs:string"><xs:pattern value="[^ ]*"/></xs:restriction></xs:simpleType>
    <xs:element name="ID"><xs:complexType><xs:simpleContent><xs:extension base="c:Number"><xs:attribute name="schemeID"/></xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:schema>`
  const files = [{ path: 'basic.xsd', text: basic }, { path: 'order.xsd', text: open('Order') }, { path: 'catalogue.xsd', text: open('Catalogue') }]
  const put = await giants.hub().request('PUT', '/schema-sets/numbers', { body: JSON.stringify({ files, channels: ['ubl'], mode: 'refuse' }), headers: { 'content-type': 'application/json' } })
  expect({ status: put.status, body: await put.text() }).toMatchObject({ status: 200 })
}

const counts = (accepted: number, rejected: number) => ({ accepted, duplicate: 0, partial: 0, rejected })

/** The place of a text in the whole message, as line:column of the element that it stands in. */
const placeOf = (body: string, text: string): string => {
  const at = body.lastIndexOf('<', body.indexOf(text))
  return `${body.slice(0, at).split('\n').length}:${at - body.lastIndexOf('\n', at)}`
}

const lineageOf = (messageId: string, part: number): Promise<MessageLineage> => giants.hub().json('GET', `/messages/${messageId}/lineage?part=${part}`) as Promise<MessageLineage>

/** A catalogue of so many lines, each on lines of its own. */
const catalogue = async (lines: number): Promise<string> => {
  const whole = await readFile(projectFolder('mappings', 'ubl', 'samples', 'catalogue.xml'), 'utf8')
  const from = whole.indexOf('  <cac:CatalogueLine>')
  const line = whole.slice(from, whole.indexOf('</cac:CatalogueLine>') + '</cac:CatalogueLine>\n'.length)
  const many = Array.from({ length: lines }, (_, index) => line.replace(/<cbc:ID>[^<]*</, `<cbc:ID>L-${index + 1}<`)).join('')
  return `${whole.slice(0, from)}${many}</Catalogue>\n`
}

describe('a giant on a channel with a schema that refuses', () => {
  it('is answered by its parts\' outcomes, each breach at its place in the whole message, and each part has its lineage', async () => {
    const body = orderBatch('A', 600).replace('>A-41<', '>A 41<').replace('>A-599<', '>A 599<').replace('>A-300<', '>A-300 <')
    const { status, answer } = await giants.hub().send('ubl', body)
    expect({ status, answer }).toMatchObject({ status: 200, answer: { outcome: 'partial', partCounts: counts(597, 3), parts: [{ part: 42 }, { part: 301 }, { part: 600 }] } })
    expect(answer.errors.map(({ code, at, path }) => ({ code, at, path }))).toEqual([[42, '>A 41<'], [301, '>A-300 <'], [600, '>A 599<']].map(([part, text]) =>
      ({ code: 'schema-violation', at: `part ${String(part)}: ${placeOf(body, String(text))} cbc:ID`, path: 'cbc:ID' })))
    expect((await partsOf(giants.hub(), answer, 'rejected')).map(({ part, documents }) => ({ part, documents }))).toEqual([42, 301, 600].map((part) => ({ part, documents: [] })))
    for (const part of [1, 42, 600] as const) {
      const { parts } = await lineageOf(answer.messageId, part)
      expect(parts).toMatchObject([{ part, format: 'ubl/order', errors: [] }])
      expect(parts[0]?.lineage).toContainEqual(expect.objectContaining({ target: 'number', source: 'cbc:ID', value: { 1: 'A-0', 42: 'A 41', 600: 'A 599' }[part], line: part + 2 }))
    }
  })

  it('and that is cut by its format is held against it part by part too, with the places of the lines', async () => {
    const body = (await catalogue(400)).replace('>L-7<', '>number 7<').replace('>L-399<', '>last but one<')
    const { answer } = await giants.hub().send('ubl', body)
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(398, 2), parts: [{ part: 7, outcome: 'rejected' }, { part: 399, outcome: 'rejected' }] })
    expect(answer.errors.map(({ code, at }) => ({ code, at }))).toEqual([[7, '>number 7<'], [399, '>last but one<']].map(([part, text]) =>
      ({ code: 'schema-violation', at: `part ${String(part)}: ${placeOf(body, String(text))} cac:CatalogueLine/cbc:ID` })))
    const { parts } = await lineageOf(answer.messageId, 398)
    expect(parts).toMatchObject([{ part: 398, format: 'ubl/catalogue', errors: [] }])
    expect(parts[0]?.lineage).toContainEqual(expect.objectContaining({ target: 'lines[0].number', value: 'L-398', line: Number(placeOf(body, '>L-398<').split(':')[0]) }))
  })

  it('names the schema that its parts were held against once', async () => {
    const { answer } = await giants.hub().send('ubl', orderBatch('S', 20).replace('>S-3<', '>S 3<'))
    const { schemaSets } = await giants.hub().json('GET', `/messages/${answer.messageId}`) as { readonly schemaSets: readonly object[] }
    expect(schemaSets).toMatchObject([{ part: 1, name: 'numbers' }])
  })
})

describe('the lineage of a giant', () => {
  it('is asked for part by part', async () => {
    const { answer } = await giants.hub().send('ubl', orderBatch('G', 30))
    const whole = await giants.hub().request('GET', `/messages/${answer.messageId}/lineage`)
    expect({ status: whole.status, body: await whole.json() as unknown }).toMatchObject({ status: 400, body: { code: 'request-invalid', at: 'part' } })
    const beyond = await giants.hub().request('GET', `/messages/${answer.messageId}/lineage?part=31`)
    expect({ status: beyond.status, body: await beyond.json() as unknown }).toMatchObject({ status: 404, body: { code: 'not-found', at: 'part' } })
  })

  it('finds a part behind envelopes that hold several, and one that could not be read', async () => {
    const [, , first = '', second = '', third = '', fourth = ''] = orderBatch('H', 4).split('\n')
    const body = `<Batch><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${first}${second}</s:Body></s:Envelope>\n<Order>&broken;</Order>\n${third}\n${fourth}</Batch>`
    const { answer } = await giants.hub().send('ubl-2', body)
    expect(answer).toMatchObject({ partCounts: counts(4, 1), parts: [{ part: 3 }] })
    const numbers = await Promise.all([1, 2, 4, 5].map(async (part) => (await lineageOf(answer.messageId, part)).parts[0]))
    expect(numbers.map((part) => part?.part)).toEqual([1, 2, 4, 5])
    expect(numbers.map((part) => part?.lineage.length)).toEqual(numbers.map(() => numbers[0]?.lineage.length))
    expect((await lineageOf(answer.messageId, 3)).parts).toMatchObject([{ part: 3, lineage: [], errors: [{ code: 'xml-not-well-formed' }] }])
  })

  it('of one part of a small message is that part\'s alone', async () => {
    const { answer } = await giants.hub().send('canonical', JSON.stringify([order('Y-1'), order('Y-2'), order('Y-3')]))
    expect((await lineageOf(answer.messageId, 2)).parts).toMatchObject([{ part: 2, format: 'canonical/order' }])
    expect((await giants.hub().request('GET', `/messages/${answer.messageId}/lineage?part=4`)).status).toBe(404)
  })
})

describe('a giant on a channel that refuses what breaks a format\'s description', () => {
  it('has its parts held against it', async () => {
    const body = orderBatch('D', 50).replace(/(D-20<\/cbc:ID>)(<cbc:IssueDate>[^<]*<\/cbc:IssueDate>)/, '$1<cbc:CopyIndicator>perhaps</cbc:CopyIndicator>$2')
    const { answer } = await giants.hub().send('described', body)
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(49, 1), parts: [{ part: 21 }] })
    expect(answer.errors).toContainEqual(expect.objectContaining({ code: 'value-invalid', at: `part 21: ${placeOf(body, '>perhaps<')} cbc:CopyIndicator`, rule: 'type' }))
  })

  it('and that is cut by its format too, but for what only the whole can have', async () => {
    const body = (await catalogue(30)).replace(/(L-12<\/cbc:ID>[^]*?<cbc:OrderableIndicator>)[^<]*/, '$1perhaps')
    const { answer } = await giants.hub().send('described', body)
    expect(answer).toMatchObject({ outcome: 'partial', partCounts: counts(29, 1), parts: [{ part: 12 }] })
    expect(answer.errors).toContainEqual(expect.objectContaining({ code: 'value-invalid', at: `part 12: ${placeOf(body, '>perhaps<')} cac:CatalogueLine/cbc:OrderableIndicator`, rule: 'type' }))
  })
})
