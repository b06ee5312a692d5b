import { expect, it } from 'vitest'
import { textLines } from '../../schemas/fixed-reader.js'

it('lines end in CRLF, LF or CR, keep their blanks, and are none where nothing stands in them', () => {
  expect([...textLines('\ufeffa \r\n\r\n  b\rc\n\u001a')]).toEqual([{ text: 'a ', line: 1 }, { text: '  b', line: 3 }, { text: 'c', line: 4 }])
  expect([...textLines('')]).toEqual([])
})
