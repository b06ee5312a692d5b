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
  test('a declaration or charset of UTF-16 over bytes that are not is passed over', () => {
    const text = '<?xml version="1.0" encoding="utf-16"?><a>ä</a>'
    expect(decodeText(Buffer.from(text))).toEqual(decoded(text, 'utf-8'))
    expect(decodeText(Buffer.from('<a>ä</a>'), 'text/xml; charset=utf-16')).toEqual(decoded('<a>ä</a>', 'utf-8'))
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
    ['a byte that begins nothing', bytes('abc', [0xff], 'd'), '', '3'],
    ['a sequence cut short by the next character', bytes('ab', [0xf0, 0x9f], 'd'), '', '2'],
    ['a sequence cut short by the end', bytes('abcd', [0xe4, 0xbd]), '', '4'],
    ['an overlong form', bytes('a', [0xc0, 0x80]), '', '1'],
    ['a surrogate in UTF-8', bytes('a', [0xed, 0xa0, 0x80]), '', '1'],
    ['a bad byte after a mark', bytes([0xef, 0xbb, 0xbf], 'a', [0xff]), '', '4'],
    ['GB18030 cut short', bytes('a', [0x95, 0x32, 0x82, 0x36, 0x95, 0x32]), 'text/xml; charset=gb18030', '5'],
    ['half a surrogate pair in UTF-16BE', Buffer.concat([big('\ufeffab'), Buffer.from([0xd8, 0x00, 0x00, 0x41])]), '', '6'],
    ['an odd number of bytes in UTF-16', bytes([0xff, 0xfe, 0x61, 0x00, 0x62]), '', '4'],
  ])('%s', (_what, input, contentType, at) => {
    expect(decodeText(input, contentType)).toMatchObject({ ok: false, code: 'encoding-invalid', at })
  })
  test('far inside a large document, across a step of the search, within a second', () => {
    const before = performance.now()
    for (const offset of [65_534, 65_535, 65_536, 65_540, 9_000_001]) {
      const input = Buffer.alloc(10_000_000, 'a')
      Buffer.from([0xf0, 0x9f, 0x98]).copy(input, offset)
      expect(decodeText(input)).toMatchObject({ code: 'encoding-invalid', at: `${offset}` })
    }
    expect(performance.now() - before).toBeLessThan(5000)
  })
})
