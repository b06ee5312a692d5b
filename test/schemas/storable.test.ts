import { describe, expect, it, test } from 'vitest'
import { cutText, findUnstorable } from '../../schemas/storable.js'

test('text with pairs of surrogates and control characters other than U+0000 can be stored', () => {
  expect(findUnstorable('')).toBeUndefined()
  expect(findUnstorable('plain \u0001 汉 𠀀 \ufffd')).toBeUndefined()
})

test('U+0000 and halves of surrogate pairs are found where they stand', () => {
  expect(findUnstorable('𠀀a\0')).toEqual({ offset: 3, reason: 'the character U+0000' })
  expect(findUnstorable('汉\ud800x')).toEqual({ offset: 1, reason: 'a lone surrogate' })
  expect(findUnstorable('𠀀\udc00')).toEqual({ offset: 2, reason: 'a lone surrogate' })
})

describe('a text that is cut', () => {
  it.each([['short', 9, 'short'], ['a😀😀', 4, 'a😀'], ['a😀😀', 3, 'a😀'], ['a😀', 2, 'a'], ['\ud83d', 5, '\ufffd'], ['a\0b\ude00c', 3, 'a\ufffdb']])('%j at %i is %j', (text, most, cut) => {
    expect(cutText(text, most)).toBe(cut)
  })
})
