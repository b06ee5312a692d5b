import { describe, expect, test } from 'vitest'
import type { Node } from '../../schemas/node.js'
import { readXml } from '../../schemas/xml-reader.js'

const read = (text: string): Node => {
  const result = readXml(text)
  if (!result.ok) throw new Error(`${result.code} ${result.at} ${result.detail}`)
  return result.value
}

/** Runs a hostile document and holds the reader to a time that nothing quadratic keeps, on a loaded machine too. */
const refusal = (text: string) => {
  const before = performance.now()
  const result = readXml(text)
  expect(performance.now() - before).toBeLessThan(5000)
  return result.ok ? 'accepted' : { code: result.code, at: result.at }
}

const malformed = (at: string) => ({ code: 'xml-not-well-formed', at })

describe('the tree', () => {
  test('names carry their namespace, never a prefix, and declarations are no attributes', () => {
    const root = read('<p:a xmlns:p="urn:p" xmlns="urn:d" x="1" p:x="2" xml:lang="de"><b/><c xmlns=""><p:d xmlns:p="urn:q"/></c><p:e/></p:a>')
    expect(root).toMatchObject({ name: 'a', namespace: 'urn:p' })
    expect(root.attributes).toEqual([
      { name: 'x', namespace: '', value: '1' },
      { name: 'x', namespace: 'urn:p', value: '2' },
      { name: 'lang', namespace: 'http://www.w3.org/XML/1998/namespace', value: 'de' },
    ])
    expect(root.children.map(({ name, namespace }) => [name, namespace])).toEqual([['b', 'urn:d'], ['c', ''], ['e', 'urn:p']])
    expect(root.children[1]?.children[0]).toMatchObject({ name: 'd', namespace: 'urn:q' })
  })
  test('text is exact over references, CDATA, comments, instructions and line ends', () => {
    const root = read('<a> x&amp;&#x4e2d;<!-- c -->y<![CDATA[<&]]>z<?pi d?>\r\n1\r2 </a>')
    expect(root.text).toBe(' x&中y<&z\n1\n2 ')
    expect(root.mixed).toBeUndefined()
  })
  test('mixed content keeps its order, white space between elements makes none', () => {
    const mixed = read('<a>one<b/>t<!-- c -->wo<c/></a>')
    expect(mixed.mixed?.map((piece) => typeof piece === 'string' ? piece : piece.name)).toEqual(['one', 'b', 'two', 'c'])
    expect(mixed.text).toBe('onetwo')
    expect(read('<a>\n <b/>\n</a>').mixed).toBeUndefined()
    expect(read('<a>\n <b/>\n</a>').text).toBe('\n \n')
  })
  test('white space of attribute values becomes spaces unless it is written as references', () => {
    expect(read('<a b="1\t2\n3&#9;&#10;&#13;&lt;"/>').attributes[0]?.value).toBe('1 2 3\t\n\r<')
  })
  test('lines and columns are those of start tags, also after CR LF, CR and a line end behind the name', () => {
    const whole = `<a>${'x'.repeat(65_532)}\r\ny\r\r\nz</a>`
    expect(read(whole).text).toBe(`${'x'.repeat(65_532)}\ny\n\nz`)
    const root = read('<?xml version="1.0"?>\r\n<a\n  x="1">\r <b\r\n/><c/></a>')
    expect([root, ...root.children].map(({ line, column }) => [line, column])).toEqual([[2, 1], [4, 2], [5, 3]])
  })
  test('names from JavaScript prototypes are names like others', () => {
    const root = read('<__proto__ constructor="1" __proto__="2"><toString/><__proto__/></__proto__>')
    expect(root.attributes).toHaveLength(2)
    expect(root.children.map(({ name }) => name)).toEqual(['toString', '__proto__'])
  })
  test('XInclude is an element like others', () => {
    const root = read('<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></a>')
    expect(root.children[0]).toMatchObject({ name: 'include', text: '', children: [] })
  })
  test('a document type declaration may name an external subset, which is not opened', () => {
    expect(read('<!DOCTYPE cXML SYSTEM "http://127.0.0.1:1/cXML.dtd"><cXML/>').name).toBe('cXML')
    expect(read('<!DOCTYPE html PUBLIC "-//W3C//DTD" \'file:///etc/passwd\' ><html/>').name).toBe('html')
    expect(read('<!DOCTYPE a><a/>').name).toBe('a')
  })
})

describe('what is not well-formed is refused where it stands', () => {
  test.each([
    ['no root', '', '1:1'],
    ['text alone', 'hello', '1:1'],
    ['two roots', '<a/><b/>', '1:5'],
    ['text after the root', '<a/>\n x', '2:2'],
    ['an unclosed element', '<a><b></b>', '1:11'],
    ['crossed elements', '<a><b></a></b>', '1:7'],
    ['an end tag alone', '</a>', '1:1'],
    ['an undefined entity', '<a>\n&nbsp;</a>', '2:1'],
    ['an entity named like a prototype member', '<a>&constructor;</a>', '1:4'],
    ['a bare ampersand', '<a>b & c</a>', '1:6'],
    ['a duplicate attribute', '<a b="1" b="2"/>', '1:1'],
    ['a duplicate attribute by namespace', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', '1:1'],
    ['a duplicate declaration', '<a xmlns:p="u" xmlns:p="v"/>', '1:1'],
    ['an unbound prefix', '<a><p:b/></a>', '1:4'],
    ['a prefix whose element has ended', '<a><p:b xmlns:p="u"/><p:c/></a>', '1:22'],
    ['a prefix that is unbound', '<a xmlns:p=""/>', '1:1'],
    ['a declaration without a prefix', '<a xmlns:="u"/>', '1:1'],
    ['a rebound xml prefix', '<a xmlns:xml="u"/>', '1:1'],
    ['two colons', '<a:b:c xmlns:a="u"/>', '1:1'],
    ['a name that begins with a digit', '<1a/>', '1:1'],
    ['an attribute without quotes', '<a b=c/>', '1:6'],
    ['an attribute without a value', '<a b/>', '1:5'],
    ['attributes without a space', '<a b="1"c="2"/>', '1:9'],
    ['a < in a value', '<a b="<"/>', '1:7'],
    ['a control character', '<a>\u0001</a>', '1:4'],
    ['U+0000', '<a>\0</a>', '1:4'],
    ['half a surrogate pair', '<a>\ud800</a>', '1:4'],
    ['a reference to a control character', '<a>&#0;</a>', '1:4'],
    ['a reference to a surrogate', '<a>&#xD800;</a>', '1:4'],
    [']]> in text', '<a>x]]>y</a>', '1:5'],
    ['two hyphens in a comment', '<a><!-- a -- b --></a>', '1:11'],
    ['CDATA outside the root', '<![CDATA[x]]><a/>', '1:1'],
    ['an XML declaration in the wrong place', ' <?xml version="1.0"?><a/>', '1:2'],
    ['a broken XML declaration', '<?xml encoding="UTF-8"?><a/>', '1:1'],
    ['a cut document', '<a><b x="1', '1:9'],
  ])('%s', (_what, text, at) => {
    expect(refusal(text)).toEqual(malformed(at))
  })
})

describe('attacks are answered fast', () => {
  test('entity declarations, whether they expand or load', () => {
    const lolz = Array.from({ length: 9 }, (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`).join('')
    expect(refusal(`<!DOCTYPE a [<!ENTITY l0 "lol">${lolz}]><a>&l9;</a>`)).toEqual({ code: 'xml-forbidden', at: '1:1' })
    expect(refusal('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')).toEqual({ code: 'xml-forbidden', at: '1:1' })
    expect(refusal('<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd" []><a/>')).toEqual({ code: 'xml-forbidden', at: '1:1' })
  })
  test('depth, attributes, names, nodes and length', () => {
    const deep = (levels: number) => '<a>'.repeat(levels) + '</a>'.repeat(levels)
    expect(refusal(deep(200))).toBe('accepted')
    expect(refusal(deep(100_000))).toEqual({ code: 'limit-exceeded', at: '1:601' })
    expect(refusal(`<a ${Array.from({ length: 200_000 }, (_, index) => `b${index}=""`).join(' ')}/>`)).toMatchObject({ code: 'limit-exceeded' })
    expect(refusal(`<a><${'n'.repeat(1_000_000)}/></a>`)).toEqual({ code: 'limit-exceeded', at: '1:4' })
    expect(refusal(`<a ${'n'.repeat(1_000_000)}="1"/>`)).toEqual({ code: 'limit-exceeded', at: '1:1' })
    expect(readXml('<a><b/><b x="1"/></a>', { nodes: 3 })).toMatchObject({ code: 'limit-exceeded', at: '1:8' })
    expect(readXml('<a><b/><b/><c/></a>', { names: 2 })).toMatchObject({ code: 'limit-exceeded', at: '1:12', detail: 'There are more than 2 different names.' })
    const count = { nodes: 0 }
    expect([1, 2].map(() => readXml('<a b=""/>', { nodes: 3 }, count).ok)).toEqual([true, false])
    expect(readXml('<a xmlns:p="u"><b xmlns:p="v"/><c xmlns:p="w"/></a>', { namespaces: 2 })).toMatchObject({ code: 'limit-exceeded', at: '1:32', detail: 'There are more than 2 different namespaces.' })
    expect(readXml('<a xmlns:p="u"><b xmlns:p="u"/><c xmlns:p="u"><d xmlns:p="u"/></c></a>', { declarations: 2 })).toMatchObject({ code: 'limit-exceeded', at: '1:47' })
    expect(readXml('<a/>', { textLength: 3 })).toMatchObject({ code: 'limit-exceeded' })
  })
  test('millions of carriage returns', () => {
    const startedMs = performance.now()
    expect(read(`<a>${'\r'.repeat(8_000_000)}</a>`).text).toHaveLength(8_000_000)
    expect(performance.now() - startedMs).toBeLessThan(8000)
  })
  test('200 levels that each declare hundreds of prefixes, with many names below', () => {
    const levels = Array.from({ length: 199 }, (_, level) => `<a ${Array.from({ length: 250 }, (_, index) => `xmlns:p${level}-${index}="u"`).join(' ')}>`)
    const text = `${levels.join('')}${'<b xmlns:p="u"/><p0-0:c/>'.repeat(20_000)}${'</a>'.repeat(199)}`
    const startedMs = performance.now()
    expect(readXml(text, { names: 100_000, declarations: 100_000 }).ok).toBe(true)
    expect(performance.now() - startedMs).toBeLessThan(5000)
    expect(refusal(text)).toMatchObject({ code: 'limit-exceeded' })
  })
  test('megabytes of openings that never close', () => {
    for (const part of ['<', '&', '<!--', '<![CDATA[', '<?p', '<!', '&#', ']', '<a b="', '<a ']) {
      expect(refusal(`<a>${part.repeat(1_000_000)}`)).toHaveProperty('at')
    }
    expect(refusal(`<a>${'&lt;'.repeat(500_000)}</a>`)).toBe('accepted')
    expect(refusal(`<!DOCTYPE ${' '.repeat(2_000_000)}`)).toEqual(malformed('1:1'))
  })
})
