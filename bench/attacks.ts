import { gzipSync } from 'node:zlib'
import type { ErrorCode } from '../schemas/error-registry.js'

/** A hostile message to a channel that takes UBL, and how it must be answered. */
export interface Attack {
  readonly family: 'entities' | 'size' | 'structure' | 'names' | 'encodings' | 'compression' | 'json'
  readonly name: string
  readonly body: Uint8Array
  readonly contentType?: string
  readonly contentEncoding?: string
  /** The code of the first error. What is harmless as XML or JSON is format-unknown: it is read, and is no document. */
  readonly code: ErrorCode
}

type Row = readonly [name: string, body: string | Uint8Array, code: ErrorCode, headers?: Pick<Attack, 'contentType' | 'contentEncoding'>]

const family = (name: Attack['family'], rows: readonly Row[]): readonly Attack[] =>
  rows.map(([what, body, code, headers]) => ({ family: name, name: what, body: typeof body === 'string' ? Buffer.from(body) : body, code, ...headers }))

const many = (count: number, each: (index: number) => string): string => Array.from({ length: count }, (_, index) => each(index)).join('')
const document = (content: string): string => `<?xml version="1.0" encoding="UTF-8"?><Order xmlns="urn:nobody">${content}</Order>`
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1')

const entities = family('entities', [
  ['billion laughs', `<!DOCTYPE l [<!ENTITY l0 "lol">${many(9, (level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`)}]><l>&l9;</l>`, 'xml-forbidden'],
  ['quadratic expansion, 5 MB', `<!DOCTYPE l [<!ENTITY a "${'a'.repeat(2_500_000)}">]><l>${'&a;'.repeat(800_000)}</l>`, 'xml-forbidden'],
  ['external entity of a file', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'xml-forbidden'],
  ['external entity over HTTP', '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]><a>&x;</a>', 'xml-forbidden'],
  ['parameter entity', '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]><a/>', 'xml-forbidden'],
  ['empty internal subset', '<!DOCTYPE a []><a/>', 'xml-forbidden'],
  ['external subset, never loaded', '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>', 'format-unknown'],
  ['entity of an external subset', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>&x;</a>', 'xml-not-well-formed'],
  ['entity named like a prototype member', document('&constructor;'), 'xml-not-well-formed'],
  ['entity declaration in UTF-16', Buffer.from('\ufeff<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'utf16le'), 'xml-forbidden'],
  ['XInclude of a file', '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></a>', 'format-unknown'],
  ['xml-stylesheet and other instructions', `<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:1/x.xsl"?>${'<?php system("id"); ?>'.repeat(50_000)}<a/>`, 'format-unknown'],
])

const size = family('size', [
  ['XML of 100,000 levels', '<a>'.repeat(100_000) + '</a>'.repeat(100_000), 'limit-exceeded'],
  ['200,000 attributes', `<a ${many(200_000, (index) => `b${index}="" `)}/>`, 'limit-exceeded'],
  ['element name of 4 MB', `<${'n'.repeat(4_000_000)}/>`, 'limit-exceeded'],
  ['attribute name of 4 MB', `<a ${'n'.repeat(4_000_000)}="1"/>`, 'limit-exceeded'],
  ['prefix of 4 MB', `<a xmlns:${'n'.repeat(4_000_000)}="u"/>`, 'limit-exceeded'],
  ['attribute value of 8 MB', `<a b="${'v'.repeat(8_000_000)}"/>`, 'format-unknown'],
  ['namespace of 8 MB', `<a xmlns="${'u'.repeat(8_000_000)}"/>`, 'format-unknown'],
  ['text of 8 MB', document('t'.repeat(8_000_000)), 'format-unknown'],
  ['800,000 character references', `<a>${'&#65;'.repeat(800_000)}</a>`, 'format-unknown'],
  ['1.3 million elements', `<a>${'<b/>'.repeat(1_300_000)}</a>`, 'limit-exceeded'],
  ['carriage returns, 4 MB', `<a>${'\r'.repeat(4_000_000)}</a>`, 'format-unknown'],
  ['line feeds, 4 MB, before an element', `<a>${'\n'.repeat(4_000_000)}<b/></a>`, 'format-unknown'],
  ['comment of 4 MB of hyphens', `<!--${'-'.repeat(4_000_000)}--><a/>`, 'xml-not-well-formed'],
  ['a million openings that never close', `<a>${'<![CDATA['.repeat(400_000)}`, 'xml-not-well-formed'],
  ['white space, 8 MB', ' '.repeat(8_000_000), 'message-empty'],
  ['DOCTYPE of 4 MB of white space', `<!DOCTYPE ${' '.repeat(4_000_000)}`, 'xml-not-well-formed'],
])

const structure = family('structure', [
  ['two roots', '<a/><b/>', 'xml-not-well-formed'],
  ['text behind the root', '<a/>x', 'xml-not-well-formed'],
  ['duplicate attribute', '<a b="1" b="2"/>', 'xml-not-well-formed'],
  ['duplicate attribute by namespace', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', 'xml-not-well-formed'],
  ['declaration twice', '<a xmlns="u" xmlns="v"/>', 'xml-not-well-formed'],
  ['50,000 declarations in 200 levels that hide one another, 20,000 look-ups', `${many(199, (level) => `<a ${many(250, (index) => `xmlns:p${index}="u${level}" `)}>`)}${'<p0:c/>'.repeat(20_000)}${'</a>'.repeat(199)}`, 'limit-exceeded'],
  ['prefixes declared and hidden 60,000 times', `<a>${many(60_000, (index) => `<b xmlns:p="u${index}"/>`)}</a>`, 'limit-exceeded'],
  ['rebound xml prefix', '<xml:a xmlns:xml="u"/>', 'xml-not-well-formed'],
  ['control character', document('\u0001'), 'xml-not-well-formed'],
  ['U+FFFE', document('\ufffe'), 'xml-not-well-formed'],
  ['&#0;', document('&#0;'), 'xml-not-well-formed'],
  ['&#xD800;', document('&#xD800;'), 'xml-not-well-formed'],
  ['&#x110000;', document('&#x110000;'), 'xml-not-well-formed'],
  ['reference of a million digits', document(`&#${'9'.repeat(1_000_000)};`), 'xml-not-well-formed'],
  ['reference with a million zeros before it', document(`&#${'0'.repeat(1_000_000)}65;`), 'format-unknown'],
])

const names = family('names', [
  ['a secret element that opens 500,000 times and never ends', '<SharedSecret '.repeat(500_000), 'limit-exceeded'],
  ['the name of a secret element 600,000 times in text', `<a>${'SharedSecret '.repeat(600_000)}</a>`, 'format-unknown'],
  ['60,000 secrets', `<a>${many(60_000, (index) => `<SharedSecret>secret ${index}</SharedSecret>`)}</a>`, 'format-unknown'],
  ['__proto__ as elements and attributes', '<__proto__ __proto__="1" constructor="2"><constructor/><hasOwnProperty/></__proto__>', 'format-unknown'],
  ['__proto__ as prefix and namespace', '<__proto__:a xmlns:__proto__="constructor" __proto__:b=""/>', 'format-unknown'],
  ['__proto__ as members', '{"__proto__":{"kind":"order"},"constructor":{"prototype":{"kind":"order"}}}', 'format-unknown'],
  ['200,000 names that differ', `<a>${many(200_000, (index) => `<n${index}/>`)}</a>`, 'limit-exceeded'],
])

const encodings = family('encodings', [
  ['bytes that are not UTF-8', latin1('<a>\u00ff\u00fe</a>'), 'encoding-invalid'],
  ['truncated sequence', Buffer.concat([Buffer.from('<a>'), Buffer.from([0xe6, 0xb1])]), 'encoding-invalid'],
  ['overlong <', Buffer.concat([Buffer.from([0xc0, 0xbc]), Buffer.from('a/>')]), 'encoding-invalid'],
  ['UTF-7 by declaration', '<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-', 'encoding-unknown'],
  ['UTF-7 by Content-Type', '+ADwAIQ-DOCTYPE', 'encoding-unknown', { contentType: 'text/xml; charset=utf-7' }],
  ['UTF-7 unannounced', '+ADw-a/+AD4-', 'syntax-unknown'],
  ['EBCDIC', Buffer.from('4c6fa7949340a58599a2899695', 'hex'), 'encoding-unknown'],
  ['UTF-32', Buffer.from('fffe00003c000000610000002f0000003e000000', 'hex'), 'encoding-unknown'],
  ['UTF-16 declared over UTF-8', '<?xml version="1.0" encoding="UTF-16"?><a/>', 'format-unknown'],
  ['half a surrogate pair in UTF-16', Buffer.from('\ufeff<a>\ud800</a>', 'utf16le'), 'encoding-invalid'],
  ['byte order mark in the middle', '<a>\ufeff</a>', 'format-unknown'],
  ['two byte order marks', '\ufeff\ufeff<a/>', 'xml-not-well-formed'],
  ['4 MB whose last byte is wrong', Buffer.concat([Buffer.alloc(4_000_000, '<'), Buffer.from([0xff])]), 'encoding-invalid'],
  ['a ZIP archive', Buffer.from('504b03041400060008000000', 'hex'), 'syntax-unknown'],
])

const bomb = gzipSync(Buffer.alloc(60_000_000, ' '), { level: 9 })
const nested = (layers: number, bytes: Uint8Array): Uint8Array => (layers === 0 ? bytes : nested(layers - 1, gzipSync(bytes)))

const compression = family('compression', [
  ['gzip bomb, 60 MB', bomb, 'limit-exceeded', { contentEncoding: 'gzip' }],
  ['gzip bomb that nobody announced', bomb, 'limit-exceeded'],
  ['gzip in gzip, a bomb inside', gzipSync(bomb), 'limit-exceeded', { contentEncoding: 'gzip' }],
  ['gzip twenty times over', nested(20, Buffer.from('<a/>')), 'limit-exceeded'],
  ['a multipart of gzip bombs', Buffer.from(`${many(50, () => `--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(bomb).toString('base64')}\r\n`)}--b--`), 'limit-exceeded', { contentType: 'multipart/mixed; boundary=b' }],
  ['plain bytes announced as gzip', '<a/>', 'content-encoding-invalid', { contentEncoding: 'gzip' }],
  ['half a gzip', gzipSync('<a/>').subarray(0, 12), 'content-encoding-invalid', { contentEncoding: 'gzip' }],
])

const json = family('json', [
  ['JSON of 100,000 levels', '['.repeat(100_000), 'limit-exceeded'],
  ['objects of 100,000 levels', '{"a":'.repeat(100_000), 'limit-exceeded'],
  ['number of 4 million digits', `{"a":${'9'.repeat(4_000_000)}}`, 'format-unknown'],
  ['number 1e200000', '{"a":1e200000}', 'format-unknown'],
  ['member twice', '{"kind":"order","kind":"invoice"}', 'json-not-well-formed'],
  ['member twice by an escape', '{"kind":"order","\\u006bind":"invoice"}', 'json-not-well-formed'],
  ['200,000 members', `{${many(200_000, (index) => `"k${index}":1,`).slice(0, -1)}}`, 'limit-exceeded'],
  ['2 million values', `[${'0,'.repeat(2_000_000)}0]`, 'limit-exceeded'],
  ['with a byte order mark', '\ufeff{}', 'format-unknown'],
  ['string of 4 MB of escapes', `{"a":"${'\\u0041'.repeat(600_000)}"}`, 'format-unknown'],
  ['NDJSON with one bad line', '{"a":1}\n{bad\n{"a":2}', 'format-unknown'],
  ['NDJSON of a million bad lines', 'x\n'.repeat(1_000_000), 'limit-exceeded', { contentType: 'application/x-ndjson' }],
  ['comments and trailing commas', '{"a":1,/* */}', 'json-not-well-formed'],
])

/** Every hostile message that the hub is held to answer within 250 ms and 64 MB. */
export const attacks: readonly Attack[] = [...entities, ...size, ...structure, ...names, ...encodings, ...compression, ...json]
