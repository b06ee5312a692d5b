import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeStream } from '../../schemas/decode-stream.js'
import { decodeText } from '../../schemas/decode-text.js'
import { ok, type Result } from '../../schemas/result.js'

const chunksOf = (bytes: Uint8Array, length: number) => async function* () {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length))
}

/** All text, or the failure that came last. */
const decodeInSteps = async (bytes: Uint8Array, contentType: string, length: number): Promise<Result<string>> => {
  let text = ''
  for await (const step of decodeStream(chunksOf(bytes, length), contentType)) {
    if (!step.ok) return step
    text += step.value
  }
  return ok(text)
}

const decodeAtOnce = (bytes: Uint8Array, contentType: string): Result<string> => {
  const decoded = decodeText(bytes, contentType)
  return decoded.ok ? ok(decoded.value.text) : decoded
}

const contentTypes = ['', 'text/xml; charset=utf-8', 'text/xml; charset=gb18030', 'text/xml; charset=gbk', 'text/xml; charset=big5', 'text/xml; charset=shift_jis', 'text/xml; charset=windows-1252',
  'text/xml; charset=utf-16', 'application/json; charset=iso-8859-1', 'text/xml; charset=nonsense']
const heads = ['', '\ufeff', '<?xml version="1.0" encoding="GB18030"?>', '<?xml version="1.0" encoding="windows-1252"?>']

describe('text decoded in steps', () => {
  it('is what decoding at once gives, failures and their places included, whatever the bytes and steps', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...contentTypes), fc.constantFrom(...heads), fc.uint8Array({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 1, max: 30 }), fc.boolean(),
      async (contentType, head, noise, text, length, noisy) => {
        const bytes = Buffer.concat([Buffer.from(head + text), noisy ? noise : Buffer.alloc(0), Buffer.from(text)])
        expect(await decodeInSteps(bytes, contentType, length)).toEqual(decodeAtOnce(bytes, contentType))
      }), { numRuns: 400, verbose: true })
  })

  it.each(['utf16le', 'utf16be'])('is whole in %s where a step ends within a character', async (encoding) => {
    const text = '<a>上海\u{20000}é</a>'
    const units = Buffer.from(`\ufeff${text}`, 'utf16le')
    const bytes = encoding === 'utf16be' ? units.swap16() : units
    for (const length of [1, 3, 5]) expect(await decodeInSteps(bytes, '', length)).toEqual(ok(text))
  })

  it('fails at the very byte, far into the bytes', async () => {
    const bytes = Buffer.concat([Buffer.from('上'.repeat(400_000)), Buffer.from([0xe4, 0xb8]), Buffer.from('海'.repeat(1000))])
    expect(await decodeInSteps(bytes, '', 65_536)).toMatchObject({ ok: false, code: 'encoding-invalid', at: 'byte 1200000' })
  })
})
