import { gzipSync } from 'node:zlib'
import { family, incompressible, many, type Attack } from './attack.js'
import { textAttacks } from './text-attacks.js'

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

const noise = incompressible(3_200_000)

const size = family('size', [
  ['XML of 100,000 levels', '<a>'.repeat(100_000) + '</a>'.repeat(100_000), 'limit-exceeded'],
  ['200,000 attributes', `<a ${many(200_000, (index) => `b${index}="" `)}/>`, 'limit-exceeded'],
  ['element name of 4 MB', `<${'n'.repeat(4_000_000)}/>`, 'limit-exceeded'],
  ['attribute name of 4 MB', `<a ${'n'.repeat(4_000_000)}="1"/>`, 'limit-exceeded'],
  ['prefix of 4 MB', `<a xmlns:${'n'.repeat(4_000_000)}="u"/>`, 'limit-exceeded'],
  ['attribute value of 8 MB', `<a b="${'v'.repeat(8_000_000)}"/>`, 'format-unknown'],
  ['namespace of 8 MB', `<a xmlns="${'u'.repeat(8_000_000)}"/>`, 'format-unknown'],
  ['text of 8 MB', document('t'.repeat(8_000_000)), 'format-unknown'],
  ['text of 8 MB that cannot be compressed', document(incompressible(8_000_000)), 'format-unknown'],
  ['text of 8 MB, half of which cannot be compressed', document(many(400, (index) => 't'.repeat(12_000) + noise.slice(index * 8000, (index + 1) * 8000))), 'format-unknown'],
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
  ['240,000 values', `[${'0,'.repeat(9000)}[${'0,'.repeat(230_000)}0]]`, 'limit-exceeded'],
  ['79,000 values', `[${'0,'.repeat(9000)}[${'0,'.repeat(69_000)}0]]`, 'limit-exceeded'],
  ['5 objects of 15,000 members', `[${many(5, () => `{${many(15_000, (index) => `"k${index}":1,`).slice(0, -1)}},`).slice(0, -1)}]`, 'format-unknown'],
  ['9,000 documents of nothing', `[${'{},'.repeat(9000)}{}]`, 'format-unknown', { parts: 9000 }],
  ['79,000 empty objects', `{"a":[${'{},'.repeat(79_000)}{}]}`, 'format-unknown'],
  ['9,000 bad lines of NDJSON', 'x\n'.repeat(9000), 'json-not-well-formed', { contentType: 'application/x-ndjson', parts: 9000 }],
  ['white space before an object, 8 MB', `${' '.repeat(8_000_000)}{}`, 'format-unknown'],
  ['line ends, 8 MB', `${'\r'.repeat(8_000_000)}{}`, 'format-unknown'],
  ['a string of 8 MB that does not end', `{"a":"${'x'.repeat(8_000_000)}`, 'json-not-well-formed'],
  ['a member name of 8 MB', `{"${'x'.repeat(8_000_000)}":1}`, 'limit-exceeded'],
  ['8 MB of quotes', `["${'\\"'.repeat(4_000_000)}"]`, 'format-unknown'],
])

const ubl = (content: string): string => `<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><b:ID>1</b:ID><b:IssueDate>2026-02-31</b:IssueDate>${content}</Order>`
const deep = (levels: number, name: string, content: string): string => `<${name}>`.repeat(levels) + content + `</${name}>`.repeat(levels)

/** What is recognised and read to its end. */
const ublDocuments = family('documents', [
  ['240,000 elements that nobody knows', ubl('<x/>'.repeat(240_000)), 'limit-exceeded'],
  ['79,000 elements that nobody knows', ubl('<x/>'.repeat(79_000)), 'value-invalid'],
  ['79,000 elements that nobody knows, with texts', ubl('<x>1</x>'.repeat(79_000)), 'value-invalid'],
  ['39,000 attributes that nobody knows', ubl('<x y="1"/>'.repeat(39_000)), 'value-invalid'],
  ['9,000 texts below names of 190,000 characters', ubl(deep(190, 'n'.repeat(1000), '<x>1</x>'.repeat(9000))), 'value-invalid'],
  ['9,000 texts below names of 1,900 characters', ubl(deep(2, 'n'.repeat(900), '<x>1</x>'.repeat(9000))), 'value-invalid'],
  ['79,000 lines without anything', ubl('<a:OrderLine/>'.repeat(79_000)), 'value-invalid'],
  ['19,000 lines of wrong numbers', ubl('<a:OrderLine><a:LineItem><b:ID>1</b:ID><b:Quantity>x</b:Quantity></a:LineItem></a:OrderLine>'.repeat(19_000)), 'value-invalid'],
  ['79,000 notes', ubl('<b:Note>n</b:Note>'.repeat(79_000)), 'value-invalid'],
  ['79,000 numbers of one document', ubl('<b:ID>1</b:ID>'.repeat(79_000)), 'value-invalid'],
  ['a number of 8 MB', ubl(`<a:OrderLine><a:LineItem><b:ID>1</b:ID><b:Quantity>${'9'.repeat(8_000_000)}</b:Quantity></a:LineItem></a:OrderLine>`), 'value-invalid'],
  ['a number of 8 MB that cannot be compressed', ubl(`<a:OrderLine><a:LineItem><b:ID>1</b:ID><b:Quantity>${incompressible(8_000_000)}</b:Quantity></a:LineItem></a:OrderLine>`), 'value-invalid'],
  ['a name of 8 MB of spaces', ubl(`<a:BuyerCustomerParty><a:Party><a:PartyName><b:Name>x${' '.repeat(8_000_000)}x</b:Name></a:PartyName></a:Party></a:BuyerCustomerParty>`), 'value-invalid'],
  ['parties in parties, 190 levels', ubl(deep(90, 'a:BuyerCustomerParty', '')), 'value-invalid'],
])

/** An invoice that says it keeps to Peppol's rules, which look at lines, taxes and parties many times. */
const peppol = (content: string): string => `<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><b:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</b:CustomizationID><b:ID>1</b:ID><b:IssueDate>2026-02-31</b:IssueDate>${content}</Invoice>`
const subtotal = '<a:TaxSubtotal><b:TaxableAmount>1</b:TaxableAmount><a:TaxCategory><b:ID>S</b:ID></a:TaxCategory></a:TaxSubtotal>'
const payee = '<a:PayeeParty><a:PartyName><b:Name>p</b:Name></a:PartyName></a:PayeeParty>'
const supplier = '<a:AccountingSupplierParty><a:Party><a:PartyName><b:Name>s</b:Name></a:PartyName></a:Party></a:AccountingSupplierParty>'

const invoices = family('documents', [
  ['5,000 tax subtotals and 58,000 lines of an invoice', peppol(`<a:TaxTotal>${subtotal.repeat(5000)}</a:TaxTotal>${'<a:InvoiceLine/>'.repeat(58_000)}`), 'value-invalid'],
  ['11,000 payees and 11,000 suppliers of an invoice', peppol(payee.repeat(11_000) + supplier.repeat(11_000)), 'value-invalid'],
  ['79,000 periods of an invoice', peppol('<a:InvoicePeriod/>'.repeat(79_000)), 'value-invalid'],
  ['26,000 lines of an invoice', peppol('<a:InvoiceLine><b:ID/><a:Item/></a:InvoiceLine>'.repeat(26_000)), 'value-invalid'],
  ['a currency of 8 MB in an invoice', peppol(`<b:DocumentCurrencyCode>${'x'.repeat(8_000_000)}</b:DocumentCurrencyCode>`), 'value-invalid'],
  ['79,000 notes of an invoice', peppol('<b:Note>n</b:Note>'.repeat(79_000)), 'value-invalid'],
])

const shopDocuments = family('documents', [
  ['a shop order of 79,000 lines of nothing', `{"documentType":"shop.order","items":[${'{},'.repeat(79_000)}{}]}`, 'field-missing'],
  ['a shop order of 5 times 15,000 members', `{"documentType":"shop.order","items":[${many(5, () => `{${many(15_000, (index) => `"k${index}":1,`).slice(0, -1)}},`).slice(0, -1)}]}`, 'limit-exceeded'],
  ['a shop order with a price of 8 MB', `{"documentType":"shop.order","orderId":"1","orderDate":"2026-02-31","items":[{"quantity":${'9'.repeat(8_000_000)}}]}`, 'value-invalid'],
], 'shop')

const canonicalDocuments = family('documents', [
  ['39,000 canonical lines that nobody knows', `{"kind":"order","lines":[${'{"x":1},'.repeat(39_000)}{}]}`, 'field-unknown'],
  ['79,000 canonical lines of nothing', `{"kind":"order","lines":[${'{},'.repeat(79_000)}{}]}`, 'field-missing'],
  ['19,000 canonical members that nobody knows', `{"kind":"order",${many(19_000, (index) => `"k${index}":1,`).slice(0, -1)}}`, 'field-unknown'],
], 'canonical')

const documents = [...ublDocuments, ...invoices, ...shopDocuments, ...canonicalDocuments]

/** Every hostile message that the hub is held to answer within 250 ms and 64 MB. */
export const attacks: readonly Attack[] = [...entities, ...size, ...structure, ...names, ...encodings, ...compression, ...json, ...documents, ...textAttacks]
