import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText } from '../../schemas/decode-text.js'
import { encodeText } from '../../schemas/encode-text.js'

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)

const again = (text: string, encoding: string): string => {
  const bytes = encodeText(text, encoding)
  const decoded = bytes.ok ? decodeText(bytes.value, `text/plain; charset=${encoding}`) : bytes
  return decoded.ok ? decoded.value.text : `${decoded.code} ${decoded.at}`
}

describe('a text', () => {
  it.each([
    ['utf-8', '金 é 😀'], ['utf-16le', '金 é 😀'], ['utf-16be', '金 é 😀'], ['iso-8859-1', 'Größe ±'], ['windows-1252', 'Größe – €'], ['iso-8859-2', 'Łódź'], ['iso-8859-5', 'Заказ'], ['gbk', '上海莲花'], ['gb18030', '上海 é ǹ 😀 㐀'], ['big5', '臺北'], ['shift_jis', '注文ｶﾅ'], ['euc-kr', '주문'],
  ])('is written in %s as it reads again', (encoding, text) => { expect(again(text, encoding)).toBe(text) })
  it('of any characters is one in GB18030, and of its own in each encoding of one byte', () => {
    const some = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !/[\ud800-\udfff\ue000-\uf8ff\ufeff\0]/u.test(text))
    fc.assert(fc.property(some, (text) => { expect(again(`a${text}`, 'gb18030')).toBe(`a${text}`) }), { seed, numRuns: 300 })
    const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => array.filter((byte) => byte >= 0xa0 || (byte >= 0x20 && byte < 0x7f)))
    fc.assert(fc.property(bytes, fc.constantFrom('iso-8859-1', 'iso-8859-15', 'windows-1252', 'koi8-r'), (array, encoding) => {
      const decoded = decodeText(Uint8Array.from([0x61, ...array]), `text/plain; charset=${encoding}`)
      expect(decoded.ok ? again(decoded.value.text, encoding) : '').toBe(decoded.ok ? decoded.value.text : '')
    }), { seed, numRuns: 300 })
  })
  it('with a character that the encoding lacks is not written, and the error says which and where', () => {
    expect(encodeText('a\nb金', 'iso-8859-1')).toMatchObject({ ok: false, code: 'value-invalid', at: '2:2', detail: expect.stringContaining('"金"') as unknown })
    expect(encodeText('a', 'martian')).toMatchObject({ ok: false, code: 'encoding-unknown' })
    expect(encodeText('a', 'iso-2022-jp')).toMatchObject({ ok: false, code: 'encoding-unknown' })
  })
})
