import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readInterchanges, type InterchangeMessage } from '../../schemas/interchange-reader.js'
import type { Result } from '../../schemas/result.js'
import { edifactSeparators, interchangeStart, problemOf, x12Separators, type SegmentSeparators } from '../../schemas/segment-separators.js'
import { readSegment, type SegmentCursor } from '../../schemas/segments-reader.js'
import { writeSegments } from '../../schemas/segments-writer.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const seed = Date.now() % 1_000_000
console.log(`seed ${seed}`)

/** Elements as plain texts: `BGM 220|PO-1`, with `/` between repetitions and `,` between components. */
const shown = ({ segments }: InterchangeMessage): readonly string[] =>
  segments.map(({ tag, elements }) => `${tag} ${elements.map((element) => element.map((components) => components.map(({ text }) => text).join(',')).join('/')).join('|')}`)

const said = (text: string): readonly unknown[] | string => {
  const messages = readInterchanges(text)
  return messages.ok ? messages.value.map((message) => message.failure === undefined ? shown(message) : `${message.failure.code} ${message.failure.at}: ${message.failure.detail}`) : `${messages.code} ${messages.at}: ${messages.detail}`
}

const unb = 'UNB+UNOC:3+A+B+260331:1405+R1'
const message = (body: string, reference = 'M1', count = 3): string => `UNH+${reference}+ORDERS:D:96A:UN'${body}'UNT+${count}+${reference}'`
const interchange = (messages: string, count = 1): string => `${unb}'${messages}UNZ+${count}+R1'`

describe('an EDIFACT interchange', () => {
  it('is read with its usual separators, with released ones as data, and line ends only between segments passed over', () => {
    expect(said(interchange(message("BGM+220+a?+b?:c?'d??e+x:y::z")))).toEqual([["UNH M1|ORDERS,D,96A,UN", "BGM 220|a+b:c'd?e|x,y,,z", 'UNT 3|M1']])
    expect(said(`\ufeff ${interchange(message('\r\nBGM+a\nb')).replace("'UNT", "'\n\r\nUNT")}\r\n\u001a`)).toEqual([["UNH M1|ORDERS,D,96A,UN", 'BGM a\nb', 'UNT 3|M1']])
  })
  it('says its separators in UNA', () => {
    const text = 'UNA|^,! ~\nUNB^UNOC|3^A^B^260331|1405^R1~UNH^1^ORDERS|D|96A|UN~BGM^5!^0,5^+:\'~UNT^3^1~UNZ^1^R1~'
    expect(said(text)).toEqual([['UNH 1|ORDERS,D,96A,UN', "BGM 5^0,5|+:'", 'UNT 3|1']])
    expect(must(readInterchanges(text))[0]?.point).toBe(',')
  })
  it('repeats elements from syntax version 4 on, and has the asterisk as data before', () => {
    const four = interchange(message('BGM+a*b:c+?*')).replace('UNOC:3', 'UNOC:4')
    expect(said(four)).toEqual([['UNH M1|ORDERS,D,96A,UN', 'BGM a/b,c|*', 'UNT 3|M1']])
    expect(said(`UNA:+.?*'${four.replace('UNOC:4', 'UNOC:3')}`)).toEqual([['UNH M1|ORDERS,D,96A,UN', 'BGM a*b,c|*', 'UNT 3|M1']])
  })
  it('has every component at its line and column', () => {
    const [first] = must(readInterchanges(interchange(message('\nBGM+220+a?+b:x'))))
    expect(first?.segments[1]).toMatchObject({ line: 2, column: 1, elements: [[[{ line: 2, column: 5 }]], [[{ text: 'a+b', line: 2, column: 9 }, { text: 'x', line: 2, column: 14 }]]] })
  })
  it('holds groups, and others may follow behind it, each with separators of its own', () => {
    const grouped = interchange(`UNG+ORDERS+A+B+260331:1405+G1+UN+D:96A'${message('BGM+1')}${message('BGM+2', 'M2')}UNE+2+G1'`)
    const both = must(readInterchanges(`${grouped}\nUNA.*,? ~UNB*UNOC.3*A*B*260331.1405*R2~UNH*M3*ORDERS~BGM*3~UNT*3*M3~UNZ*1*R2~`))
    expect(both.map(({ group, type, segments }) => [group?.tag, type, segments.length])).toEqual([['UNG', 'ORDERS', 3], ['UNG', 'ORDERS', 3], [undefined, 'ORDERS', 3]])
  })
  it.each([
    ['a segment that does not end', `${unb}'UNH+1+ORDERS'BGM+220`, "segments-not-well-formed 1:44: The segment BGM that begins here does not end: \"'\" is missing."],
    ['a release character at the end', `${unb}'UNH+1+ORDERS'BGM+220?`, 'segments-not-well-formed 1:51: The release character ? is the last one: nothing stands behind it.'],
    ['no tag', `${unb}'UNH+1+ORDERS'bgm+220'UNZ+1+R1'`, 'segments-not-well-formed 1:44: "bgm+220\'UNZ+" stands where a segment begins'],
    ['a UNA that gives one character two meanings', `UNA::.? '${unb}'`, 'segments-not-well-formed 1:4: "UNA::.? \'" does not say what separates: one character would have two meanings.'],
    ['a UNA of letters', "UNA:+.?A'UNB+UNOC:4+A+B+260331:1405+R1'", 'envelope-invalid 1:10: The UNB that begins here has no UNZ'],
    ['a UNA that is cut', `UNA:+.?'${unb}'`, 'segments-not-well-formed 1:10: UNA has six characters, and UNB stands behind it.'],
    ['an end that is missing', `${unb}'${message('BGM+1')}`, 'envelope-invalid 1:1: The UNB that begins here has no UNZ: something of it is missing.'],
    ['an interchange that counts otherwise', interchange(message('BGM+1'), 2), 'envelope-invalid 1:69: UNZ counts "2" messages; there are 1: something is missing or was added.'],
    ['an interchange that ends another one', interchange(message('BGM+1')).replace('UNZ+1+R1', 'UNZ+1+R2'), 'envelope-invalid 1:69: UNZ ends "R2", but UNB began "R1".'],
    ['a segment outside of messages', interchange("BGM+1'"), 'envelope-invalid 1:31: BGM stands outside of a message; before it UNH is missing.'],
    ['no message', interchange('', 0), 'message-empty 1:1: The interchange holds no message.'],
    ['something behind it', `${interchange(message('BGM+1'))}XYZ`, 'segments-not-well-formed 1:78: "XYZ" stands where an interchange begins; it begins with UNA, UNB or ISA.'],
  ])('is refused for %s, where it stands', (_what, text, expected) => { expect(said(text)).toContain(expected) })
  it('loses one message alone where that is not whole', () => {
    const good = message('BGM+2', 'M2')
    const about = (first: string): readonly unknown[] | string => said(interchange(first + good, 2))
    const second = ['UNH M2|ORDERS,D,96A,UN', 'BGM 2', 'UNT 3|M2']
    expect(about(message('BGM+1', 'M1', 4))).toEqual(['envelope-invalid 1:60: UNT counts "4" segments; there are 3: something is missing or was added.', second])
    expect(about(message('BGM+1').replace('UNT+3+M1', 'UNT+3+M9'))).toEqual(['envelope-invalid 1:60: UNT ends "M9", but UNH began "M1".', second])
    expect(about(message('BGM+1').replace("UNT+3+M1'", ''))).toEqual(['envelope-invalid 1:31: The UNH that begins here has no UNT: something of it is missing.', second])
  })
})

const isa = 'ISA*00*          *00*          *ZZ*A              *ZZ*B              *260331*1405*^*00501*000000007*0*P*:~'
const x12 = (set: string, end = '000000007'): string => `${isa}GS*PO*A*B*20260331*1405*7*X*005010~${set}GE*1*7~IEA*1*${end}~`

describe('an X12 interchange', () => {
  it('says its separators at the positions of ISA, and repeats elements from 00402 on', () => {
    expect(said(x12('ST*850*0001~\nBEG*00*a^b:c*?~\nSE*3*0001~'))).toEqual([['ST 850|0001', 'BEG 00|a/b,c|?', 'SE 3|0001']])
    expect(said(x12('ST*850*0001~BEG*00*a^b~SE*3*0001~').replace('*^*00501', '*U*00401'))).toEqual([['ST 850|0001', 'BEG 00|a^b', 'SE 3|0001']])
  })
  it('may end its segments with line ends, and have an ISA without padding', () => {
    const bare = x12('ST*850*0001~BEG*00*1~SE*3*0001~').replaceAll('~', '\n').replace(/ +/g, '')
    expect(said(bare)).toEqual([['ST 850|0001', 'BEG 00|1', 'SE 3|0001']])
    expect(must(readInterchanges(bare))[0]?.segments[1]).toMatchObject({ line: 4, column: 1 })
  })
  it.each([
    ['control numbers that differ', x12('ST*850*0001~SE*2*0001~', '000000008'), 'envelope-invalid 1:171: IEA ends "000000008", but ISA began "000000007".'],
    ['an ISA that is cut', isa.slice(0, 60), 'segments-not-well-formed 1:1: The ISA does not have its 16 elements, divided by "*".'],
    ['separators that are one', x12('').replace(':~', '*~'), 'segments-not-well-formed 1:1: The ISA does not say what separates: one character would have two meanings.'],
  ])('is refused for %s', (_what, text, expected) => { expect(said(text)).toContain(expected) })
  it('loses the messages of a group alone where that is not whole; padded numbers are the same number', () => {
    const second = 'GS*PO*A*B*20260331*1405*8*X*005010~ST*850*0002~SE*2*2~GE*1*08~'
    expect(said(x12('ST*850*0001~SE*2*0001~').replace('GE*1*7~', `GE*2*7~${second}`).replace('IEA*1', 'IEA*2'))).toEqual(['envelope-invalid 1:164: GE counts "2" messages; there are 1: something is missing or was added.', ['ST 850|0002', 'SE 2|2']])
  })
})

/** Any text without a line end at a side, where readers cannot know it from one between segments. */
const data = (separators: SegmentSeparators, free: string) => fc.array(fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), fc.constantFrom('+', ':', "'", '?', '*', '|', '^', '\n')), { maxLength: 8 })
  .map((units) => units.filter((one) => !one.includes('\r') && (separators.release !== '' || !Array.from(free).some((special) => one.includes(special)))).join(''))

const elementsOf = (separators: SegmentSeparators, free: string) => fc.array(fc.array(fc.array(data(separators, free), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: separators.repetition === '' ? 1 : 3 }), { maxLength: 5 })

/** Without what is empty at an end, which nobody writes. */
const pruned = (elements: readonly (readonly (readonly string[])[])[]): unknown => JSON.parse(JSON.stringify(elements), (_key, value: unknown) => {
  if (!Array.isArray(value)) return value
  const list: unknown[] = [...value as readonly unknown[]]
  while (list.length > 0 && (list.at(-1) === '' || (Array.isArray(list.at(-1)) && (list.at(-1) as readonly unknown[]).length === 0))) list.pop()
  return list
})

describe('segments', () => {
  it.each([
    ['EDIFACT', { ...edifactSeparators, repetition: '*' }, ''], ['others with a release character', { segment: '\n', element: '|', component: '^', repetition: '', release: '\\', point: '.' } as const, ''],
    ['X12', x12Separators, '~*>^'],
  ] as const)('of %s read again as they were written, whatever is in them', (_what, separators, free) => {
    fc.assert(fc.property(fc.array(elementsOf(separators, free), { minLength: 1, maxLength: 5 }), (all) => {
      const text = must(writeSegments(all.map((elements) => ({ tag: 'ABC', path: 'ABC', elements })), separators, '\r\n'))
      const cursor: SegmentCursor = { text, at: 0, line: 1, lineStart: 0 }
      for (const elements of all) {
        const segment = readSegment(cursor, separators, { nodes: 0 })
        if ('code' in segment) throw new Error(`${segment.at} ${segment.detail}`)
        expect(pruned(segment.elements.map((element) => element.map((components) => components.map((one) => one.text))))).toEqual(pruned(elements))
      }
      expect(cursor.at).toBe(text.length)
    }), { seed, numRuns: 300 })
  })
  it('without a release character refuse what would separate, and say where', () => {
    expect(writeSegments([{ tag: 'PO1', path: 'line[2]/PO1', elements: [[['1']], [['2*3']]] }], x12Separators, '')).toMatchObject({ ok: false, code: 'value-invalid', at: 'line[2]/PO1/2', detail: expect.stringContaining('"2*3" holds "*"') as unknown })
  })
})

describe('hostile interchanges', () => {
  const within = (text: string): { readonly ms: number, readonly said: string } => {
    const before = process.cpuUsage()
    const read = readInterchanges(text)
    const { user, system } = process.cpuUsage(before)
    return { ms: (user + system) / 1000, said: read.ok ? `${read.value.length} messages` : `${read.code} ${read.at}` }
  }
  it.each([
    ['of 80,000 segments', interchange(message("A1'".repeat(80_000).slice(0, -1), 'M1', 80_002)), '1 messages'],
    ['of 300,000 segments', interchange(message("AB'".repeat(300_000).slice(0, -1))), 'limit-exceeded 1:250035'],
    ['with an element of 1 MB', interchange(message(`FTX+${'x'.repeat(1_000_000)}`)), '1 messages'],
    ['with an element of a character more', interchange(message(`FTX+${'x'.repeat(1_000_001)}`)), 'limit-exceeded'],
    ['with 500,000 released characters', interchange(message(`FTX+${'?+'.repeat(500_000)}`)), '1 messages'],
    ['of a million components', interchange(message(`FTX+${':'.repeat(1_000_000)}`)), 'limit-exceeded'],
    ['of a million elements', interchange(message(`FTX${'+'.repeat(1_000_000)}`)), 'limit-exceeded'],
    ['of nothing but the beginning of one', `${unb}'UNH+1+ORDERS'BGM+${'a+'.repeat(9_000)}`, 'segments-not-well-formed 1:44'],
    ['that never end', `UNA:+.? '${unb}${'\n'.repeat(900_000)}`, 'segments-not-well-formed 1:10'],
    ['of a million ends', interchange(message("'".repeat(1_000_000))), 'segments-not-well-formed'],
    ['of an ISA without end', `ISA${'*'.repeat(1_000_000)}`, 'segments-not-well-formed 1:1'],
    ['of an ISA of one element', `ISA*${'x'.repeat(1_000_000)}`, 'segments-not-well-formed 1:1'],
    ['with 1,000,000 bytes between', `${' '.repeat(1_000_000)}${interchange(message('BGM+1'))}`, '1 messages'],
  ])('%s are read or refused soon', (_what, text, expected) => {
    within(text)
    const { ms, said: told } = within(text)
    expect(told).toContain(expected)
    expect(ms).toBeLessThan(1000)
    console.log(`${_what}: ${Math.round(ms)} ms`)
  })
  it('have separators that can be told apart', () => {
    expect(problemOf(edifactSeparators)).toBeUndefined()
    expect(problemOf({ ...edifactSeparators, element: 'x' })).toBe('"x" is no separator')
    expect(interchangeStart('UNA+', 0, String)).toMatchObject({ ok: false })
  })
})
