import { describe, expect, it } from 'vitest'
import { secretSpans } from '../../../hub/intake/secret-spans.js'

const shown = (text: string, names: readonly string[]): string =>
  secretSpans(text, names).reduceRight((rest, { start, end }) => `${rest.slice(0, start)}${'*'.repeat(end - start)}${rest.slice(end)}`, text)

describe('what is secret in a message is shown as stars', () => {
  it.each([
    ['an element', '<a><Pin>123</Pin></a>', ['Pin'], '<a><Pin>***</Pin></a>'],
    ['the attributes of an element', '<x:Card number="41" name=\'N\'><Zip>1</Zip></x:Card>', ['Card'], '<x:Card number="**" name=\'*\'>************</x:Card>'],
    ['an element that holds nothing', '<Card number="41"/><Other number="42"/>', ['Card'], '<Card number="**"/><Other number="42"/>'],
    ['an attribute', '<a pin="12" pins="3"/>', ['@pin'], '<a pin="**" pins="3"/>'],
    ['a member', '{"pin":"1\\"2","other":"3"}', ['pin'], '{"pin":"****","other":"3"}'],
    ['a number', '{"pin": 1234, "x": 1}', ['pin'], '{"pin": ****, "x": 1}'],
    ['a list', '{"pin":["1","]"],"x":1}', ['pin'], '{"pin":*********,"x":1}'],
    ['a text that does not end', '{"x":1,"pin":"12', ['pin'], '{"x":1,"pin":"**'],
    ['a record, from its name to the end of its line', 'EDI_DC40\nE2EDK36  4711\r\nE2EDK35 E2EDK36', ['^E2EDK36'], 'EDI_DC40\nE2EDK36******\r\nE2EDK35 E2EDK36'],
    ['a member of another name', '{"spin":"12"}', ['pin'], '{"spin":"12"}'],
  ])('%s', (_what, text, names, expected) => { expect(shown(text, names)).toBe(expected) })
})
