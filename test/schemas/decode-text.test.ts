import { describe, expect, test } from 'vitest'
import { decodeText } from '../../schemas/decode-text.js'

const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))

const big = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16()
const little = (text: string): Uint8Array => Buffer.from(text, 'utf16le')
const decoded = (text: string, encoding: string) => ({ ok: true, value: { text, encoding } })

describe('what the bytes say comes first', () => {
  test('a byte order mark decides against charset and declaration and is taken off', () => {
    expect(decodeText(Buffer.from('\ufeff<?xml version="1.0" encoding="GBK"?><a>ä</a>'), 'text/xml; charset=big5'))
      .toEqual(decoded('<?xml version="1.0" encoding="GBK"?><a>ä</a>', 'utf-8'))
    expect(decodeText(little('\ufeff汉'), 'text/xml; charset=utf-8')).toEqual(decoded('汉', 'utf-16le'))
    expect(decodeText(big('\ufeff汉'))).toEqual(decoded('汉', 'utf-16be'))
  })
  test('UTF-16 is known by its zero bytes without a mark', () => {
    for (const text of ['<?xml version="1.0" encoding="utf-16"?><a>汉𠀀</a>', '{"a":"汉"}']) {
      expect(decodeText(little(text))).toEqual(decoded(text, 'utf-16le'))
      expect(decodeText(big(text), 'application/json; charset=utf-8')).toEqual(decoded(text, 'utf-16be'))
    }
  })
  test('UTF-8 that calls itself UTF-16, as string writers of .NET and Java do, is read as what it can only be', () => {
    const text = '<?xml version="1.0" encoding="utf-16"?><a>ä</a>'
    expect(decodeText(Buffer.from(text))).toEqual(decoded(text, 'utf-8'))
    expect(decodeText(Buffer.from(`\ufeff${text}`))).toEqual(decoded(text, 'utf-8'))
    expect(decodeText(Buffer.from(text, 'latin1'))).toMatchObject({ code: 'encoding-invalid', at: 'byte 42' })
    expect(decodeText(Buffer.from('<a>ä</a>'), 'text/xml; charset=utf-16')).toEqual(decoded('<a>ä</a>', 'utf-8'))
    expect(decodeText(Buffer.from(text), 'application/xml; charset=utf-8')).toEqual(decoded(text, 'utf-8'))
    expect(decodeText(Buffer.from('{"a":"ä"}'), 'application/json; charset=utf-16')).toEqual(decoded('{"a":"ä"}', 'utf-8'))
  })
  test('bytes that are evidently in another encoding than they declare are refused, unless a charset outranks the declaration', () => {
    expect(decodeText(Buffer.from('\ufeff<?xml version="1.0" encoding="iso-8859-1"?><a/>'))).toMatchObject({ code: 'encoding-invalid', at: 'byte 0', detail: expect.stringMatching(/says "iso-8859-1", but the bytes are utf-8; .*charset=utf-8/) as unknown })
    expect(decodeText(Buffer.from('\ufeff<?xml version="1.0" encoding="us-ascii"?><a/>'))).toMatchObject({ ok: true })
    expect(decodeText(big('\ufeff<?xml version="1.0" encoding="utf-16le"?><a/>'))).toMatchObject({ ok: true })
    const text = '<?xml version="1.0" encoding="utf-8"?><a>ä</a>'
    expect(decodeText(little(text))).toMatchObject({ code: 'encoding-invalid', at: 'byte 0', detail: expect.stringMatching(/says "utf-8", but the bytes are utf-16le/) as unknown })
    expect(decodeText(little(text), 'text/xml; charset=utf-16')).toEqual(decoded(text, 'utf-16le'))
  })
  test.each([
    ['UTF-32LE with a mark', [0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0], 'utf-32'],
    ['UTF-32BE with a mark', [0, 0, 0xfe, 0xff, 0, 0, 0, 0x3c], 'utf-32'],
    ['UTF-32LE', [0x3c, 0, 0, 0, 0x61, 0, 0, 0], 'utf-32'],
    ['UTF-32BE', [0, 0, 0, 0x7b, 0, 0, 0, 0x7d], 'utf-32'],
    ['EBCDIC', [0x4c, 0x6f, 0xa7, 0x94, 0x93], 'ebcdic'],
  ])('%s is refused by its name', (_what, input, name) => {
    expect(decodeText(bytes(input))).toMatchObject({ code: 'encoding-unknown', at: 'encoding', detail: expect.stringContaining(name) as unknown })
  })
})

describe('charset and declaration', () => {
  const head = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a>`
  const gbk = [0xba, 0xba]
  test('each alone is believed', () => {
    expect(decodeText(bytes(head('GB2312'), gbk))).toEqual(decoded(`${head('GB2312')}汉`, 'gb18030'))
    expect(decodeText(bytes('<a>', gbk), 'text/xml; charset="GBK"')).toEqual(decoded('<a>汉', 'gb18030'))
  })
  test('where they differ, UTF-8 is taken if the bytes are UTF-8, then the charset, then the declaration', () => {
    expect(decodeText(bytes(head('GBK'), gbk), 'text/xml; charset=utf-8')).toEqual(decoded(`${head('GBK')}汉`, 'gb18030'))
    expect(decodeText(Buffer.from(`${head('UTF-8')}汉`), 'text/xml; charset=ISO-8859-1')).toEqual(decoded(`${head('UTF-8')}汉`, 'utf-8'))
    expect(decodeText(bytes(head('windows-1251'), gbk), 'text/xml; charset=GBK')).toEqual(decoded(`${head('windows-1251')}汉`, 'gb18030'))
    expect(decodeText(bytes(head('windows-1252'), [0xe4, 0x20]), 'text/xml; charset=GBK')).toEqual(decoded(`${head('windows-1252')}ä `, 'windows-1252'))
  })
  test('JSON is UTF-8 whatever single-byte charset is given, but GBK is believed', () => {
    expect(decodeText(Buffer.from('{"a":"ä"}'), 'application/json; charset=iso-8859-1')).toEqual(decoded('{"a":"ä"}', 'utf-8'))
    expect(decodeText(bytes('{"a":"', gbk, '"}'), 'application/json; charset=gbk')).toEqual(decoded('{"a":"汉"}', 'gb18030'))
  })
})

describe('encodings', () => {
  test.each([
    ['gb18030', [0x95, 0x32, 0x82, 0x36, 0xba, 0xba], '𠀀汉', 'gb18030'],
    ['gbk', [0x95, 0x32, 0x82, 0x36], '𠀀', 'gb18030'],
    ['big5', [0xa4, 0xa4], '中', 'big5'],
    ['Shift_JIS', [0x82, 0xa0, 0xb1, 0x5c], 'あｱ\\', 'shift_jis'],
    ['ISO-8859-1', [0x80, 0xe4], '€ä', 'windows-1252'],
    ['ISO-8859-15', [0xa4], '€', 'iso-8859-15'],
    ['ISO-8859-2', [0xb1], 'ą', 'iso-8859-2'],
    ['ISO-8859-16', [0xaa, 0xa4], 'Ș€', 'iso-8859-16'],
    ['windows-1252', [0xff, 0xe4], 'ÿä', 'windows-1252'],
    ['cp936', [0x81, 0x30, 0x81, 0x30, 0xba, 0xba], '\u0080汉', 'gb18030'],
    ['cp950', [0xa4, 0xa4], '中', 'big5'],
    ['windows-31j', [0x87, 0x40, 0x7f], '①\u007f', 'shift_jis'],
    ['windows-1251', [0xc0], 'А', 'windows-1251'],
    ['us-ascii', [0xc3, 0xa4], 'ä', 'utf-8'],
  ])('%s', (label, input, text, encoding) => {
    expect(decodeText(bytes(' ', input), `text/plain; charset=${label}`)).toEqual(decoded(` ${text}`, encoding))
  })
  test('an encoding that nobody knows is refused', () => {
    expect(decodeText(bytes('<a/>'), 'text/xml; charset=klingon')).toMatchObject({ ok: false, code: 'encoding-unknown' })
    expect(decodeText(bytes('<a/>'), 'text/xml; charset=utf-7')).toMatchObject({ ok: false, code: 'encoding-unknown' })
  })
  test('a U+FFFD that the sender wrote stays', () => {
    expect(decodeText(Buffer.from('a\ufffd'))).toEqual(decoded('a\ufffd', 'utf-8'))
  })
})

describe('bytes that do not decode are refused at their offset', () => {
  test.each([
    ['a byte that begins nothing', bytes('abc', [0xff], 'd'), '', 'byte 3'],
    ['a sequence cut short by the next character', bytes('ab', [0xf0, 0x9f], 'd'), '', 'byte 2'],
    ['a sequence cut short by the end', bytes('abcd', [0xe4, 0xbd]), '', 'byte 4'],
    ['an overlong form', bytes('a', [0xc0, 0x80]), '', 'byte 1'],
    ['a surrogate in UTF-8', bytes('a', [0xed, 0xa0, 0x80]), '', 'byte 1'],
    ['a bad byte after a mark', bytes([0xef, 0xbb, 0xbf], 'a', [0xff]), '', 'byte 4'],
    ['GB18030 cut short', bytes('a', [0x95, 0x32, 0x82, 0x36, 0x95, 0x32]), 'text/xml; charset=gb18030', 'byte 5'],
    ['half a surrogate pair in UTF-16BE', Buffer.concat([big('\ufeffab'), Buffer.from([0xd8, 0x00, 0x00, 0x41])]), '', 'byte 6'],
    ['a byte that Big5 leaves undefined', bytes('ab', [0x80], 'c'), 'text/xml; charset=big5', 'byte 2'],
    ['the last byte in Big5', bytes('ab', [0xa4, 0xa4, 0xff]), 'text/xml; charset=big5', 'byte 4'],
    ['a Big5 character that only its makers know', bytes('a', [0xfa, 0x40], 'b'), 'text/xml; charset=big5', 'byte 1'],
    ['a byte that EUC-JP leaves undefined', bytes('abc', [0x80]), 'text/xml; charset=euc-jp', 'byte 3'],
    ['a byte that Shift_JIS leaves undefined', bytes('abc', [0xa0]), 'text/xml; charset=shift_jis', 'byte 3'],
    ['a byte that ISO-8859-7 leaves undefined', bytes('abc', [0xae]), 'text/xml; charset=iso-8859-7', 'byte 3'],
    ['a byte that windows-874 leaves undefined', bytes('abc', [0xfc]), 'text/xml; charset=windows-874', 'byte 3'],
    ['an odd number of bytes in UTF-16', bytes([0xff, 0xfe, 0x61, 0x00, 0x62]), '', 'byte 4'],
  ])('%s', (_what, input, contentType, at) => {
    expect(decodeText(input, contentType)).toMatchObject({ ok: false, code: 'encoding-invalid', at })
  })
  test('far inside a large document, across a step of the search, within a second', () => {
    const before = performance.now()
    for (const offset of [65_534, 65_535, 65_536, 65_540, 9_000_001]) {
      const input = Buffer.alloc(10_000_000, 'a')
      Buffer.from([0xf0, 0x9f, 0x98]).copy(input, offset)
      expect(decodeText(input)).toMatchObject({ code: 'encoding-invalid', at: `byte ${offset}` })
    }
    expect(performance.now() - before).toBeLessThan(5000)
  })
})

describe('no byte is lost or made up', () => {
  test.each(['gb18030', 'big5', 'shift_jis', 'euc-jp', 'euc-kr'])('each sequence of two bytes in %s gives characters that the encoding has, or is refused', (label) => {
    for (let first = 0x80; first <= 0xff; first++) {
      for (let second = 0x20; second <= 0xff; second++) {
        const read = decodeText(bytes('a', [first, second], 'b'), `text/plain; charset=${label}`)
        if (!read.ok) {
          expect(read).toMatchObject({ code: 'encoding-invalid', at: expect.stringMatching(/^byte [12]$/) as unknown })
          continue
        }
        expect(read.value.text).not.toMatch(label === 'gb18030' || label === 'shift_jis' ? /[\u0080-\u009f\ufffd]/ : /[\u0080-\u009f\ufffd\ue000-\uf8ff]/)
        expect(read.value.text).toMatch(/^a[^]+$/)
      }
    }
  })
  test('each byte of a single-byte encoding gives one character of its own, or is refused', () => {
    const labels = [...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => `iso-8859-${part}`), ...Array.from({ length: 9 }, (_, part) => `windows-125${part}`), 'windows-874', 'koi8-r', 'koi8-u', 'ibm866']
    for (const label of labels) {
      const texts = Array.from({ length: 256 }, (_, byte) => decodeText(bytes('a', [byte], 'b'), `text/plain; charset=${label}`)).flatMap((read) => (read.ok ? [read.value.text] : []))
      expect({ label, distinct: new Set(texts).size, all: texts.length }).toEqual({ label, distinct: texts.length, all: texts.length })
      expect({ label, whole: texts.every((text) => /^a[^\ufffd]b$/u.test(text)) }).toEqual({ label, whole: true })
    }
  })
})

test('UTF-8 of any length and any characters is read character by character', () => {
  const every = String.fromCodePoint(...Array.from({ length: 0x500 }, (_, code) => code)) + '\u07ff\u0800\ud7ff\ue000\ufeff\ufffd\uffff\u{10000}\u{10ffff}汉字€'
  const texts = ['<a>Größe Ål</a>', '<a>北辰照明</a>', '<a>€ and ä</a>', '<a>\ufeff😀</a>', `<a>${every}`, '<a>plain</a>']
  for (const text of texts) {
    for (const characters of [1, 900, 990, 1000, 1010, 20_000, 700_000, 1_100_000]) {
      const long = text.repeat(Math.ceil(characters / text.length))
      expect(decodeText(Buffer.from(long)).ok && decodeText(Buffer.concat([Buffer.from('<'), Buffer.from(long)]).subarray(1))).toEqual(decoded(long, 'utf-8'))
      expect(decodeText(Buffer.concat([Buffer.from(long), Buffer.from([0xc3])]))).toMatchObject({ code: 'encoding-invalid' })
    }
  }
})
