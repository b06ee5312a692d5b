import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkXml } from '../../../../hub/intake/schema-sets/check-xml.js'
import { compileXsds, type CompiledXsds } from '../../../../hub/intake/schema-sets/compile-xsd.js'
import type { Finding } from '../../../../hub/intake/schema-sets/finding.js'
import type { SchemaFile } from '../../../../hub/intake/schema-sets/schema-set.js'
import { projectFolder } from '../../../../schemas/project-folder.js'

const open: CompiledXsds[] = []
afterEach(() => { for (const compiled of open.splice(0)) compiled.dispose() })

const compile = (files: Readonly<Record<string, string>>) => {
  const compiled = compileXsds(Object.entries(files).map(([path, text]): SchemaFile => ({ path, text })))
  if (compiled.ok) open.push(compiled.value)
  return compiled
}

const compiled = (files: Readonly<Record<string, string>>): CompiledXsds => {
  const result = compile(files)
  if (!result.ok) throw new Error(`${result.at}: ${result.detail}`)
  return result.value
}

const find = (xsds: CompiledXsds, element: string, text: string, steps: readonly number[] = []): readonly Finding[] => {
  const validator = xsds.validatorOf(element)
  if (validator === undefined) throw new Error(`${element} is not there`)
  return checkXml(text, [{ steps, validators: [validator] }])[0]?.[0] ?? []
}

const xsd = (content: string, namespace = 'urn:t', more = ''): string =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" ${namespace === '' ? '' : `xmlns="${namespace}" targetNamespace="${namespace}"`} elementFormDefault="qualified" ${more}>\n${content}\n</xs:schema>`

const refusal = (files: Readonly<Record<string, string>>) => {
  const result = compile(files)
  return result.ok ? undefined : { code: result.code, at: result.at, detail: result.detail }
}

const element = (name: string, type = 'xs:string'): string => `<xs:element name="${name}" type="${type}"/>`

describe('a directory of XSDs', () => {
  it('holds together whatever refers to whatever: include by relative path, import by namespace, circles, files without a namespace', () => {
    const xsds = compiled({
      'main/order.xsd': xsd(`<xs:include schemaLocation="../common/types.xsd"/><xs:import namespace="urn:b" schemaLocation="..\\b/other.xsd"/>${element('Order', 'Code')}`),
      'main/invoice.xsd': xsd(`<xs:include schemaLocation="../common/types.xsd"/>${element('Invoice', 'Code')}`),
      'common/types.xsd': xsd('<xs:include schemaLocation="../main/order.xsd"/><xs:simpleType name="Code"><xs:restriction base="xs:string"><xs:maxLength value="3"/></xs:restriction></xs:simpleType>', ''),
      'b/other.xsd': xsd('<xs:import namespace="urn:t"/><xs:element name="Other" xmlns:t="urn:t" type="t:Code"/>', 'urn:b'),
    })
    expect([...xsds.elements].sort()).toEqual(['{urn:b}Other', '{urn:t}Invoice', '{urn:t}Order'])
    expect(find(xsds, '{urn:t}Order', '<Order xmlns="urn:t">abc</Order>')).toEqual([])
    for (const [name, namespace] of [['Order', 'urn:t'], ['Invoice', 'urn:t'], ['Other', 'urn:b']]) {
      expect(find(xsds, `{${namespace ?? ''}}${name ?? ''}`, `<${name ?? ''} xmlns="${namespace ?? ''}">abcd</${name ?? ''}>`)).toMatchObject([{ rule: 'cvc-maxLength-valid', path: '.' }])
    }
  })

  it('may declare one name in files that have nothing to do with each other', () => {
    const idoc = (root: string, most: number): string => xsd(`${element(root, 'Segment')}<xs:simpleType name="Segment"><xs:restriction base="xs:string"><xs:maxLength value="${most}"/></xs:restriction></xs:simpleType>`, '')
    const xsds = compiled({ 'orders.xsd': idoc('ORDERS05', 2), 'desadv.xsd': idoc('DESADV01', 4) })
    expect(find(xsds, '{}ORDERS05', '<ORDERS05>abc</ORDERS05>')).toHaveLength(1)
    expect(find(xsds, '{}DESADV01', '<DESADV01>abc</DESADV01>')).toEqual([])
    expect(refusal({ 'a.xsd': idoc('SAME', 2), 'b.xsd': idoc('SAME', 4) })).toMatchObject({ code: 'schema-invalid', detail: expect.stringContaining('two sets') as unknown })
  })

  it('may import the attributes of XML from the address of the W3C, which is not asked', () => {
    const xsds = compiled({ 'a.xsd': xsd('<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="http://www.w3.org/2001/xml.xsd"/><xs:element name="A"><xs:complexType><xs:attribute ref="xml:lang" use="required"/></xs:complexType></xs:element>') })
    expect(find(xsds, '{urn:t}A', '<A xmlns="urn:t" xml:lang="zh-CN"/>')).toEqual([])
    expect(find(xsds, '{urn:t}A', '<A xmlns="urn:t"/>')).toMatchObject([{ rule: 'cvc-complex-type.4', path: '@lang' }])
  })

  it('may have a document type declaration, whose external part is never loaded, and any encoding', () => {
    const xsds = compiled({ 'a.xsd': `<?xml version="1.0" encoding="GB18030"?>\n<!DOCTYPE xs:schema SYSTEM "file:///etc/passwd" [<!ENTITY name "订单"><!ENTITY file SYSTEM "file:///etc/passwd"><!ATTLIST xs:element id ID #IMPLIED>]>\n${xsd('<xs:element name="&name;" type="xs:date"/>')}` })
    expect(xsds.elements).toEqual(['{urn:t}订单'])
    expect(find(xsds, '{urn:t}订单', '<订单 xmlns="urn:t">2026-02-30</订单>')).toMatchObject([{ rule: 'cvc-datatype-valid' }])
  })

  it('opens nothing that an entity or a document names', () => {
    const files = { 'a.xsd': `<!DOCTYPE xs:schema [<!ENTITY file SYSTEM "file:///etc/passwd">]>\n${xsd(`<xs:annotation><xs:documentation>&file;</xs:documentation></xs:annotation>${element('A')}`)}` }
    expect(refusal(files)?.detail ?? '').not.toContain('root:')
    const xsds = compiled({ 'a.xsd': xsd(element('A')) })
    expect(find(xsds, '{urn:t}A', '<A xmlns="urn:t" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:t http://127.0.0.1:9/a.xsd urn:u file:///etc/passwd">x</A>')).toEqual([])
  })

  it.each<[string, Readonly<Record<string, string>>, string, RegExp]>([
    ['is not well-formed', { 'x/a.xsd': '<xs:schema>\n<a>\n</xs:schema>' }, 'x/a.xsd:3', /not well-formed/],
    ['is no schema', { 'a.xsd': '\n<html/>' }, 'a.xsd:2', /holds <html>/],
    ['includes a file that is not there', { 'a.xsd': xsd('\n<xs:include schemaLocation="types.xsd"/>') }, 'a.xsd:3', /includes types\.xsd, which is not in the directory/],
    ['imports from the net', { 'a.xsd': xsd('<xs:import namespace="urn:far" schemaLocation="https://far.example/far.xsd"/>') }, 'a.xsd:2', /https:\/\/far\.example\/far\.xsd for the namespace 'urn:far'.*loads nothing from outside/],
    ['refers to a type that is not there', { 'a.xsd': xsd(`${element('Good')}\n\n${element('A', 'Missing')}`) }, 'a.xsd:4', /Missing/],
    ['has an element that XML Schema does not know', { 'a.xsd': xsd('<xs:elemant name="A"/>') }, 'a.xsd:2', /content is not valid/],
    ['imports a type that its namespace does not have', { 'a.xsd': xsd('<xs:import namespace="urn:b" schemaLocation="b.xsd"/>\n<xs:element name="A" xmlns:b="urn:b" type="b:No"/>'), 'b.xsd': xsd(element('B'), 'urn:b') }, 'a.xsd:3', /No/],
  ])('is refused with file and line where a file %s', (_what, files, at, detail) => {
    expect(refusal(files)).toEqual({ code: 'schema-invalid', at, detail: expect.stringMatching(detail) as unknown })
  })

  it('takes a file of the net where one of its name is in the directory', () => {
    expect(compiled({ 'a.xsd': xsd(`<xs:import namespace="urn:b" schemaLocation="https://far.example/v1/b.xsd"/>${element('A')}`), 'lib/b.xsd': xsd(element('B'), 'urn:b') }).elements).toHaveLength(2)
  })
})

const order = compiled.bind(undefined, {
  'o.xsd': xsd(`<xs:element name="Order"><xs:complexType><xs:sequence>
    <xs:element name="ID"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="PO-[0-9]+"/><xs:minLength value="5"/><xs:maxLength value="8"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="IssueDate" type="xs:date"/>
    <xs:element name="Paid" type="xs:boolean" minOccurs="0"/>
    <xs:element name="Currency" minOccurs="0"><xs:simpleType><xs:restriction base="xs:token"><xs:enumeration value="CNY"/><xs:enumeration value="EUR"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="Fixed" type="xs:string" fixed="yes" minOccurs="0"/>
    <xs:element name="Empty" minOccurs="0"><xs:complexType/></xs:element>
    <xs:element name="Line" maxOccurs="3" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="Quantity" type="Quantity"/></xs:sequence><xs:attribute name="id" type="xs:integer" use="required"/></xs:complexType></xs:element>
    <xs:element name="Ref" type="xs:integer" minOccurs="0"/>
  </xs:sequence></xs:complexType>
  <xs:key name="lineKey"><xs:selector xpath="t:Line"/><xs:field xpath="@id"/></xs:key>
  <xs:keyref name="lineRef" refer="t:lineKey"><xs:selector xpath="t:Ref"/><xs:field xpath="."/></xs:keyref>
  </xs:element>
  <xs:simpleType name="Quantity"><xs:restriction base="xs:decimal"><xs:minExclusive value="0"/><xs:maxInclusive value="100"/><xs:fractionDigits value="2"/><xs:totalDigits value="4"/></xs:restriction></xs:simpleType>`, 'urn:t', 'xmlns:t="urn:t"'),
})

describe('a breach', () => {
  const head = '<ID>PO-12</ID><IssueDate>2026-03-31</IssueDate>'
  const line = (id: string, quantity: string): string => `<Line id="${id}"><Quantity>${quantity}</Quantity></Line>`
  it.each<[string, string, string, RegExp, RegExp]>([
    ['cvc-pattern-valid', '<ID>12345</ID><IssueDate>2026-03-31</IssueDate>', 'ID', /"12345".*PO-\[0-9\]\+/, /“12345”.*格式/],
    ['cvc-minLength-valid', '<ID>PO-1</ID><IssueDate>2026-03-31</IssueDate>', 'ID', /4 characters.*at least 5/, /4 个字符，至少要有 5/],
    ['cvc-maxLength-valid', '<ID>PO-123456</ID><IssueDate>2026-03-31</IssueDate>', 'ID', /at most 8/, /最多只能有 8/],
    ['cvc-complex-type.2.4.a', '<IssueDate>2026-03-31</IssueDate>', 'IssueDate', /"ID" is expected/, /“ID”/],
    ['cvc-datatype-valid', '<ID>PO-12</ID><IssueDate>31.03.2026</IssueDate>', 'IssueDate', /"31\.03\.2026".*like 2026-03-31/, /2026-03-31 的形式/],
    ['cvc-datatype-valid', `${head}<Paid>ja</Paid>`, 'Paid', /true or false/, /true 或 false/],
    ['cvc-enumeration-valid', `${head}<Currency>RMB</Currency>`, 'Currency', /"RMB".*one of "CNY", "EUR"/, /“CNY”、“EUR”之一/],
    ['cvc-fixed-valid', `${head}<Fixed>no</Fixed>`, 'Fixed', /Write "yes"/, /固定为“yes”/],
    ['cvc-complex-type.2.1', `${head}<Empty>x</Empty>`, 'Empty', /must be empty/, /必须为空/],
    ['cvc-complex-type.4', `${head}<Line><Quantity>1</Quantity></Line>`, 'Line/@id', /needs the attribute "id"/, /必填属性“id”/],
    ['cvc-complex-type.3.2', `${head}<Paid when="now">true</Paid>`, 'Paid/@when', /"when" is not allowed/, /不允许使用属性“when”/],
    ['cvc-complex-type.2.4.b', `${head}<Line id="1"/>`, 'Line', /incomplete: put in "Quantity"/, /还缺少“Quantity”/],
    ['cvc-complex-type.2.4.d', `${head}${line('1', '1')}${line('2', '1')}${line('3', '1')}<Ref>1</Ref><Ref>2</Ref>`, 'Ref[2]', /stands too often/, /多余、重复/],
    ['cvc-complex-type.2.3', `${head}stray`, '.', /holds elements and no text/, /只能包含子元素/],
    ['cvc-type.3.1.2', '<ID>PO-12<b xmlns="urn:t"/></ID><IssueDate>2026-03-31</IssueDate>', 'ID', /a value and no elements/, /不能包含子元素/],
    ['cvc-minExclusive-valid', head + line('1', '0'), 'Line/Quantity', /greater than 0/, /必须大于 0/],
    ['cvc-maxInclusive-valid', head + line('1', '100.5'), 'Line/Quantity', /100 is the most/, /最大为 100/],
    ['cvc-fractionDigits-valid', head + line('1', '1.234'), 'Line/Quantity', /2 are allowed/, /最多 2 位小数/],
    ['cvc-datatype-valid', head + line('1', '1,50'), 'Line/Quantity', /"1,50".*decimal point/, /小数点用/],
    ['cvc-datatype-valid', head + line('x', '1'), 'Line/@id', /whole number/, /整数/],
    ['cvc-identity-constraint.4', head + line('1', '1') + line('1', '2'), 'Line[2]', /second time/, /重复/],
    ['cvc-identity-constraint.4.3', `${head}${line('1', '1')}<Ref>9</Ref>`, '.', /does not occur/, /没有对应/],
  ])('of %s in %s is told with its place and what to do in both languages', (rule, content, path, en, zh) => {
    const findings = find(order(), '{urn:t}Order', `<Order xmlns="urn:t">${content}</Order>`)
    expect(findings).toEqual([{ rule, path, steps: expect.anything() as unknown, detail: expect.not.stringContaining('{urn:') as unknown, fix: { en: expect.stringMatching(en) as unknown, zh: expect.stringMatching(zh) as unknown } }])
  })

  it('is found in an element of an envelope, with the envelope\'s prefixes in force and the place counted from the part', () => {
    const text = `<e:Envelope xmlns:e="urn:e" xmlns:p="urn:t"><e:Head/><e:Body>\n<p:Order><p:ID>PO-12</p:ID><p:IssueDate>never</p:IssueDate></p:Order><p:Order><p:ID>PO-12</p:ID><p:IssueDate>2026-01-01</p:IssueDate></p:Order></e:Body></e:Envelope>`
    const xsds = order()
    expect(find(xsds, '{urn:t}Order', text, [1, 0])).toMatchObject([{ path: 'p:IssueDate', steps: [1] }])
    expect(find(xsds, '{urn:t}Order', text, [1, 1])).toEqual([])
  })

  it('is found where elements have no prefix, one of another namespace, or stand beside comments', () => {
    const xsds = order()
    expect(find(xsds, '{urn:t}Order', '<!-- a --><Order xmlns="urn:t"><!-- b --><ID>PO-12</ID> <q:IssueDate xmlns:q="urn:t">2026-01-01</q:IssueDate><Line id="1"><Quantity>1</Quantity></Line><!-- c -->\n<Line id="2"><Quantity>x</Quantity></Line></Order>'))
      .toMatchObject([{ path: 'Line[2]/Quantity', steps: [3, 0] }])
  })
})

describe('white space', () => {
  const spaces = compiled.bind(undefined, {
    's.xsd': xsd(`<xs:element name="S"><xs:complexType><xs:sequence>
      <xs:element name="Mark" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string"><xs:whiteSpace value="preserve"/><xs:length value="3"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="Part" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="Of" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
      <xs:element name="None" minOccurs="0"><xs:complexType/></xs:element></xs:sequence></xs:complexType></xs:element>`),
  })
  it.each<[string, string]>([
    ['that an element holds is its value', '<Mark>   </Mark>'],
    ['beside a comment, too', '<Mark> <!-- of three --> <!-- spaces --> </Mark>'],
    ['beside an instruction', '<Mark> <?of three?>  </Mark>'],
    ['beside a section', '<Mark> <![CDATA[ ]]> </Mark>'],
    ['between a comment and letters', '<Mark> <!-- and -->ab</Mark>'],
    ['that is written as a reference', '<Mark> &#x9;&#10;</Mark>'],
    ['between elements says nothing', '\n  <Mark>abc</Mark>\n  <Part>\n\t<Of/>\n  </Part>\n'],
    ['in an element that has no text says nothing', '<Part>\n  </Part>'],
  ])('%s', (_, content) => {
    for (const prolog of ['', '<?xml version="1.0"?>\n', '<!-- <a> -->\n<?b <c>?>']) expect(find(spaces(), '{urn:t}S', `${prolog}<S xmlns="urn:t">${content}</S>`)).toEqual([])
  })

  it.each<[string, string, string]>([
    ['of a value is counted', '<Mark> <!-- a -->  <!-- b -->  </Mark>', 'Mark'],
    ['is more than an empty element holds', '<None> </None>', 'None'],
    ['is more than an empty element holds, beside elements too', '\n  <Mark>abc</Mark>\n  <None>\n  </None>\n', 'None'],
  ])('%s', (_, content, path) => {
    expect(find(spaces(), '{urn:t}S', `<S xmlns="urn:t">${content}</S>`)).toMatchObject([{ path }])
  })

  it('moves no place: an indented document has its errors where the same one in a line has them', () => {
    const elements = ['<Order xmlns="urn:t">', '<ID>PO-12</ID>', '<IssueDate>never</IssueDate>', '<Line id="1">', '<Quantity>x</Quantity>', '</Line>', '<Line id="1">', '<Quantity>7</Quantity>', '</Line>', '</Order>']
    const found = find(order(), '{urn:t}Order', elements.join(''))
    expect(found.map(({ path }) => path)).toEqual(['IssueDate', 'Line[1]/Quantity', 'Line[2]'])
    expect(find(order(), '{urn:t}Order', elements.join('\n  '))).toEqual(found)
  })
})

const ubl = projectFolder('..', 'shared', 'corpora', 'ubl')
if (!existsSync(ubl)) console.warn(`SKIPPED: ${ubl} is not there, so the schemas of UBL are not tried.`)

describe.skipIf(!existsSync(ubl))('the schemas of UBL 2.5', () => {
  it('compile together and take every example of OASIS, each by its own root element', () => {
    const files = ['common', 'maindoc'].flatMap((folder) => readdirSync(join(ubl, 'xsd', folder)).map((name) => [`${folder}/${name}`, readFileSync(join(ubl, 'xsd', folder, name), 'utf8')] as const))
    const xsds = compiled(Object.fromEntries(files))
    expect(xsds.elements.length).toBeGreaterThan(2000)
    const broken = readdirSync(join(ubl, 'xml')).flatMap((name) => {
      const text = readFileSync(join(ubl, 'xml', name), 'utf8')
      const root = /<(?:\w+:)?(\w+)[\s>]/.exec(text.replace(/<[?!][^>]*>/g, ''))?.[1] ?? ''
      const element = `{urn:oasis:names:specification:ubl:schema:xsd:${root}-2}${root}`
      // One of the examples is a signature.
      const found = root === 'Signature' ? [] : find(xsds, element, text)
      return found.map(({ detail }) => `${name}: ${detail}`)
    })
    expect(broken).toEqual([])
  })
})
