import { textFlags, type Flags } from './command.js'

/** The filters of the message browser, each a flag of its name; `test` goes without a value too. */
const names = ['outcome', 'channel', 'sender', 'caller', 'partner', 'number', 'kind', 'party', 'item', 'text', 'code', 'format', 'test', 'since', 'until'] as const

export const filterUsage = '[--outcome accepted|partial|rejected] [--channel ID] [--partner NAME] [--number N] [--kind KIND] [--party NAME] [--item GTIN] [--text WORDS] [--code CODE] [--format F] [--test true|false] [--since DATE] [--until DATE]'

export const filterFlags = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))

/** Those that were given. */
export const filtersOf = (flags: Flags): Readonly<Record<string, string>> => textFlags(flags, names)
