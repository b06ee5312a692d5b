import { family, incompressible, many } from './attack.js'

const unb = "UNB+UNOC:3+9520000001018:14+9520000002053:14+260331:1405+R1'"
/** Of syntax version 4, in which elements repeat. */
const unb4 = unb.replace('UNOC:3', 'UNOC:4')
const interchange = (content: string, messages = 1, opening = unb): string => `${opening}${content}UNZ+${messages}+R1'`
/** An order without its date, so that it is read to its end and then refused. */
const order = (content: string, segments: number): string => `UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'${content}UNT+${segments + 3}+1'`
const orders = (content: string, segments: number): string => interchange(order(content, segments))

const isa = 'ISA*00*          *00*          *ZZ*A              *ZZ*B              *260331*1405*U*00401*000000007*0*P*>~'
const x12 = (content: string, segments: number): string => `${isa}GS*PO*A*B*20260331*1405*7*X*004010~ST*850*0001~BEG*00*SA*1~${content}SE*${segments + 3}*0001~GE*1*7~IEA*1*000000007~`

/** Interchanges of UN/EDIFACT and X12. */
const segments = family('segments', [
  ['a million ends', `${unb}${"'".repeat(1_000_000)}`, 'segments-not-well-formed'],
  ['a million segments without elements', orders("ABC'".repeat(1_000_000), 1_000_000), 'limit-exceeded'],
  ['240,000 segments that nobody knows', orders("ABC'".repeat(240_000), 240_000), 'limit-exceeded'],
  ['26,000 segments that nobody knows', orders("ABC'".repeat(26_000), 26_000), 'field-missing'],
  ['19,000 segments of one element that nobody knows', orders("ABC+x'".repeat(19_000), 19_000), 'limit-exceeded'],
  ['13,000 lines without numbers', orders("LIN'QTY'".repeat(13_000), 26_000), 'field-missing'],
  ['8,800 lines of wrong numbers', orders("LIN+1'QTY+21:x'".repeat(8800), 17_600), 'value-invalid'],
  ['19,000 parties, 99 of which may stand', orders("NAD+BY'".repeat(19_000), 19_000), 'limit-exceeded'],
  ['groups begun and left 11,000 times', orders("NAD+BY'RFF'".repeat(11_000), 22_000), 'limit-exceeded'],
  ['segments in the wrong order, 22,000 times', orders("UNS+S'LIN'".repeat(11_000), 22_000), 'field-missing'],
  ['released characters, 8 MB', orders(`FTX+AAI+++${'?+'.repeat(4_000_000)}'`, 1), 'limit-exceeded'],
  ['release characters, 8 MB', orders(`FTX+AAI+++${'??'.repeat(4_000_000)}'`, 1), 'limit-exceeded'],
  ['release characters that end nothing, 8 MB', `${unb}FTX+${"?'".repeat(4_000_000)}`, 'limit-exceeded'],
  ['an element of 8 MB', orders(`FTX+AAI+++${'x'.repeat(8_000_000)}'`, 1), 'limit-exceeded'],
  ['a segment of 8 MB that does not end', `${unb}UNH+1+ORDERS'FTX+${'x'.repeat(8_000_000)}`, 'limit-exceeded'],
  ['line ends in an element, 8 MB', orders(`FTX+AAI+++${'\n'.repeat(8_000_000)}'`, 1), 'limit-exceeded'],
  ['line ends between segments, 8 MB', interchange(`${'\r\n'.repeat(4_000_000)}UNH+1+ORDERS:D:96A:UN'UNT+3+1'`), 'envelope-invalid'],
  ['a tag of 8 MB', `${unb}${'A'.repeat(8_000_000)}`, 'segments-not-well-formed'],
  ['a million components', orders(`FTX+${':'.repeat(1_000_000)}'`, 1), 'limit-exceeded'],
  ['a million elements', orders(`FTX${'+'.repeat(1_000_000)}'`, 1), 'limit-exceeded'],
  ['a million repetitions', interchange(order(`FTX+${'*'.repeat(1_000_000)}'`, 1), 1, unb4), 'limit-exceeded'],
  ['75,000 components', orders(`FTX+${':'.repeat(15_000)}'`.repeat(5), 5), 'field-missing'],
  ['a million components in segments', orders(`FTX+${':'.repeat(10_000)}'`.repeat(100), 100), 'limit-exceeded'],
  ['a count that is wrong, behind 26,000 segments', orders("ABC'".repeat(26_000), 0), 'envelope-invalid'],
  ['a count of a million digits', interchange(`UNH+1+ORDERS:D:96A:UN'UNT+${'9'.repeat(1_000_000)}+1'`), 'envelope-invalid'],
  ['a reference of 8 MB', interchange(`UNH+${'1'.repeat(8_000_000)}+ORDERS:D:96A:UN'UNT+2+1'`), 'limit-exceeded'],
  ['9,000 messages without ends', interchange("UNH+1+ORDERS:D:96A:UN'".repeat(9000), 9000), 'envelope-invalid', { parts: 9000 }],
  ['6,000 messages of a type that nobody takes', interchange("UNH+1+PRICAT:D:96A:UN'UNT+2+1'".repeat(6000), 6000), 'format-unknown', { parts: 6000 }],
  ['40,000 messages', interchange("UNH+1+ORDERS'UNT+2+1'".repeat(40_000), 40_000), 'limit-exceeded'],
  ['80,000 ends of messages', interchange("UNT+1+1'".repeat(80_000), 0), 'envelope-invalid'],
  ['100,000 groups, one in the other', interchange("UNG+1'".repeat(100_000), 0), 'envelope-invalid'],
  ['5,300 groups without messages', interchange("UNG++++++1'UNE+0+'".repeat(5300), 0), 'envelope-invalid'],
  ['two UNB', `${unb}${interchange(order('', 0))}`, 'envelope-invalid'],
  ['4,600 interchanges without messages', `${unb}UNZ+0+R1'`.repeat(4600), 'message-empty'],
  ['UNB never ends', `UNB+UNOC:3+${'A+'.repeat(15_000)}`, 'segments-not-well-formed'],
  ['an interchange of 60,000 segments without its end', `${unb}${order(`FTX+AAI+++${'x'.repeat(70)}'`.repeat(60_000), 60_000)}`, 'limit-exceeded'],
  ['an interchange of 11,000 segments without its end', `${unb}${order(`FTX+AAI+++${'x'.repeat(70)}'`.repeat(11_000), 11_000)}`, 'envelope-invalid'],
  ['UNA of one character', `UNA++++++${unb}`, 'segments-not-well-formed'],
  ['UNA of letters', `UNAABCDEF${unb}`, 'segments-not-well-formed'],
  ['UNA of control characters', `UNA\u0001\u0002.\u0003 \u0004${unb}`, 'segments-not-well-formed'],
  ['UNA of white space', `UNA\t\n.\r \v${unb}`, 'segments-not-well-formed'],
  ['UNA and a million line ends', `UNA:+.? '${'\n'.repeat(1_000_000)}${unb}`, 'segments-not-well-formed'],
  ['U+0000 in an order', orders("FTX+AAI+++\0'", 1), 'field-missing'],
  ['ISA that is short', isa.slice(0, 60), 'segments-not-well-formed'],
  ['ISA of 8 MB', `ISA*${'x'.repeat(8_000_000)}`, 'segments-not-well-formed'],
  ['ISA divided by letters', isa.replaceAll('*', 'x'), 'syntax-unknown'],
  ['ISA with one character for everything', isa.replace('>~', '**'), 'segments-not-well-formed'],
  ['ISA with control characters', `${isa.replace('>~', '\u0001\u0002')}GS*PO\u0002`, 'envelope-invalid'],
  ['levels that name each other in a circle', x12('HL*1*2*O~HL*2*1*O~'.repeat(6_500), 13_000), 'limit-exceeded'],
  ['13,000 levels, one in the other', x12(many(13_000, (index) => `HL*${index + 1}*${index}*O~`), 13_000), 'limit-exceeded'],
  ['26,000 lines of X12', x12('PO1~'.repeat(26_000), 26_000), 'field-missing'],
  ['19,000 segments of X12 that stand often enough', x12('REF*CT~'.repeat(19_000), 19_000), 'limit-exceeded'],
  ['40,000 sets of X12', `${isa}GS*PO*A*B*20260331*1405*7*X*004010~${'ST*850*1~SE*2*1~'.repeat(40_000)}`, 'limit-exceeded'],
], 'edi')

const columns = 'Order no.;Date;Currency;Buyer;Pos.;Article;Quantity'
const row = (number: string, currency: string, position: string): string => `${number};31.02.2026;${currency};B;${position};A;1\n`
const rows = (count: number, each: (index: number) => string): string => `${columns}\n${many(count, each)}`
/** Other columns beside those that have to be there. */
const wide = (count: number, each: (index: number) => string): string => `${columns};${many(count, (index) => `${each(index)};`)}end\n`

/** Tables. */
const tables = family('tables', [
  ['a quote that does not end, 8 MB', `${columns}\n"${'x'.repeat(8_000_000)}`, 'csv-not-well-formed'],
  ['quotes alone, 8 MB', `${columns}\n${'"'.repeat(8_000_001)}`, 'csv-not-well-formed'],
  ['a cell of 4 million quotes', `${columns}\n"${'""'.repeat(4_000_000)}"`, 'csv-not-well-formed'],
  ['line ends in quotes, 8 MB', `${columns}\n"${'\r\n'.repeat(4_000_000)}"`, 'message-empty'],
  ['a million columns', ';'.repeat(1_000_000), 'limit-exceeded'],
  ['19,000 columns that differ', `${wide(19_000, (index) => `c${index}`)}${row('1', 'EUR', '1')}`, 'csv-not-well-formed'],
  ['19,000 columns of one name', `${wide(19_000, () => 'c')}${row('1', 'EUR', '1')}`, 'csv-not-well-formed'],
  ['100,000 columns of one name', wide(100_000, () => 'c'), 'limit-exceeded'],
  ['4 rows of 15,000 columns', `${wide(15_000, (index) => `c${index}`)}${`1;31.02.2026;EUR;B;1;A;1;${'x;'.repeat(15_000)}\n`.repeat(4)}`, 'value-invalid'],
  ['columns named like prototype members', `__proto__;constructor;hasOwnProperty;toString;valueOf\n1;2;3;4;5\n`, 'csv-not-well-formed'],
  ['a column name of 8 MB', `${columns};${'n'.repeat(8_000_000)}\n`, 'message-empty'],
  ['a column name of 8 MB of signs', `${columns};${'# '.repeat(4_000_000)}\n${row('1', 'EUR', '1')}`, 'limit-exceeded'],
  ['a million empty lines', `${columns}\n${'\n'.repeat(1_000_000)}`, 'limit-exceeded'],
  ['empty lines, 8 MB', '\n'.repeat(8_000_000), 'limit-exceeded'],
  ['a million rows of delimiters', `${columns}\n${';;;;;;\n'.repeat(1_000_000)}`, 'limit-exceeded'],
  ['a cell of 8 MB', `${columns}\n1;31.02.2026;EUR;${'x'.repeat(8_000_000)};1;A;1\n`, 'value-invalid'],
  ['a cell of 8 MB that cannot be compressed', `${columns}\n1;31.02.2026;EUR;${incompressible(8_000_000)};1;A;1\n`, 'value-invalid'],
  ['a number of 8 MB', `${columns}\n1;31.03.2026;EUR;B;1;A;${'9'.repeat(8_000_000)}\n`, 'value-invalid'],
  ['a number of 4 million points', `${columns}\n1;31.03.2026;EUR;B;1;A;1${'.'.repeat(8_000_000)}\n`, 'value-invalid'],
  ['rows of one order that say it otherwise 11,000 times', rows(11_000, (index) => row('1', `C${index}`, '1')), 'value-invalid'],
  ['11,000 rows of which each is an order', rows(11_000, (index) => row(`N${index}`, 'EUR', '1')), 'limit-exceeded'],
  ['9,000 orders with a wrong date', rows(9000, (index) => row(`N${index}`, 'EUR', '1')), 'value-invalid', { parts: 9000 }],
  ['34,000 lines with wrong numbers', rows(34_000, () => '1;31.03.2026;EUR;B;1;A;x\n'), 'limit-exceeded'],
  ['11,000 lines with wrong numbers', rows(11_000, () => '1;31.03.2026;EUR;B;1;A;x\n'), 'value-invalid'],
  ['keys of 200,000 characters', rows(40, (index) => row(`${'k'.repeat(200_000)}${index}`, 'EUR', '1')), 'value-invalid'],
  ['rows that are too long, 9,800 of them', rows(9800, () => '1;2;3;4;5;6;7;8\n'), 'csv-not-well-formed'],
  ['U+0000 in every cell', rows(9000, () => '\0;\0;\0;\0;\0;\0;\0\n'), 'value-invalid'],
  ['line ends mixed', `${columns}\r${'1;31.02.2026;EUR;B;1;A;1\r\n1;31.02.2026;EUR;B;1;A;1\n\r'.repeat(5200)}`, 'value-invalid'],
  ['Excel\'s line with a quote for a delimiter', `sep="\n${columns}\n`, 'message-empty'],
  ['a carriage return before each of 4 million lines', '\r\n'.repeat(4_000_000), 'limit-exceeded'],
], 'tables').map((attack) => ({ ...attack, contentType: 'text/csv' }))

const control = `${'EDI_DC40  8000000000000146002757 3012  ORDERS05'.padEnd(99)}ORDERS`
const record = (name: string, data: string): string => `${name.padEnd(30)}8000000000000146002000001000000 1${data}\n`

/** Records of fixed positions. */
const records = family('records', [
  ['a million short lines', `${control}\n${'x\n'.repeat(1_000_000)}`, 'limit-exceeded'],
  ['120,000 records that nobody knows', `${control}\n${'x\n'.repeat(120_000)}`, 'limit-exceeded'],
  ['26,000 records that nobody knows', `${control}\n${'x\n'.repeat(26_000)}`, 'limit-exceeded'],
  ['39,000 records of a known name and nothing else', `${control}\n${'E2EDK14\n'.repeat(39_000)}`, 'field-missing'],
  ['5,600 lines of an order that say everything', `${control}\n${record('E2EDP01007', 'x'.repeat(1000)).repeat(5600)}`, 'limit-exceeded'],
  ['1,400 lines of an order that say everything', `${control}\n${record('E2EDP01007', 'x'.repeat(1000)).repeat(1400)}`, 'value-invalid'],
  ['a line of 8 MB', `${control}\nE2EDK14${'x'.repeat(8_000_000)}\n`, 'limit-exceeded'],
  ['a control record of 8 MB', `${control}${'x'.repeat(8_000_000)}\n`, 'limit-exceeded'],
  ['empty lines, 8 MB', `${control}\n${'\n'.repeat(8_000_000)}`, 'field-missing'],
  ['blank lines, 8 MB', `${control}\n${' \r\n'.repeat(2_600_000)}`, 'field-missing'],
  ['ends of files, 8 MB', `${control}\n${'\u001a'.repeat(8_000_000)}`, 'field-missing'],
  ['2,000 documents of nothing', `${control}\n`.repeat(2000), 'field-missing', { parts: 2000 }],
  ['30,000 documents', `EDI_DC40\n`.repeat(30_000), 'limit-exceeded'],
  ['2,000 documents of a type that nobody knows', `${control.replace('ORDERS05', 'NOBODY99')}\n`.repeat(2000), 'format-unknown', { parts: 2000 }],
  ['40 records of 190,000 characters', `${control}\n${record('E2EDK14', 'x'.repeat(190_000)).repeat(40)}`, 'field-missing'],
], 'records')

/** Every hostile message in the languages that are neither XML nor JSON. */
export const textAttacks = [...segments, ...tables, ...records]
