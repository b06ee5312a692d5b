import { Type, type Static } from '@sinclair/typebox'
import { documentKinds } from '../../schemas/canonical/canonical-document.js'
import { errorRegistry } from '../../schemas/error-registry.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { MessageSearch } from '../intake/search-messages.js'

const word = (description: string, example: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 200, description, examples: [example] }))

/** What messages are looked for by, in a query and in a body. */
export const messageFilterMembers = {
  outcome: Type.Optional(Type.String({ enum: ['accepted', 'duplicate', 'partial', 'rejected', 'running'], examples: ['accepted'] })),
  channel: Type.Optional(Type.String({ maxLength: 63, examples: ['demo-ubl'] })),
  sender: word('The channel\'s partner, else the key\'s party, else the key.', 'operator'),
  caller: word('The id of the key.', 'operator'),
  partner: word('The channel, the sender or the caller.', 'operator'),
  number: word('Of a document; case counts not.', 'PO-2026-0815'),
  kind: Type.Optional(Type.String({ enum: [...documentKinds], description: 'Of a document.', examples: ['order'] })),
  party: word('That a document names: the beginning of a word of its name, an identifier, a source key or the id of a golden party.', '上海莲花'),
  item: word('That a document has: a GTIN or anybody\'s item number.', 'LED-600-40'),
  text: word('Words that all stand in a document, or in the errors of a refused message; the beginning of each is enough.', 'LED'),
  code: Type.Optional(Type.String({ enum: Object.keys(errorRegistry), description: 'Of an error or warning.', examples: ['total-mismatch'] })),
  format: word('That it was read by.', 'ubl/order'),
  test: Type.Optional(Type.String({ enum: ['true', 'false'], description: 'Whether it is marked as a test.', examples: ['false'] })),
  since: Type.Optional(Type.String({ maxLength: 40, description: 'A date or instant in ISO 8601.', examples: ['2026-01-01'] })),
  until: Type.Optional(Type.String({ maxLength: 40, description: 'A date or instant in ISO 8601, itself not included.', examples: ['2126-01-01'] })),
}

export const messageFilterBody = Type.Object(messageFilterMembers, { additionalProperties: false, minProperties: 1 })

/** As it is asked for, all of it text. */
type AskedFilter = Partial<Record<keyof Static<typeof messageFilterBody>, string | undefined>>

/** A time without an offset is UTC, not the hub's. */
const isoText = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/
const msOf = (text: string): number => (isoText.test(text) ? Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text) : NaN)

const instantOf = (at: 'since' | 'until', text: string | undefined): Result<string | undefined> => {
  const ms = text === undefined ? undefined : msOf(text)
  if (ms === undefined) return ok(undefined)
  // A UUID of version 7 has 48 bits for the time.
  if (Number.isNaN(ms) || ms < 0 || ms >= 2 ** 48) return fail('request-invalid', at, `'${text ?? ''}' is no date or instant from 1970 on; write 2026-11-02 or 2026-11-02T08:00:00Z.`)
  return ok(new Date(ms).toISOString())
}

/** What is asked for, as it is looked for. Fails with request-invalid. */
export const readMessageFilter = (asked: AskedFilter): Result<MessageSearch> => {
  const since = instantOf('since', asked.since)
  if (!since.ok) return since
  const until = instantOf('until', asked.until)
  if (!until.ok) return until
  const { outcome, channel, sender, caller, partner, code, format, test, number, kind, party, item, text } = asked
  return ok({
    message: { outcome: outcome as MessageSearch['message']['outcome'], channel, sender, caller, partner, code, format, test: test === undefined ? undefined : test === 'true', since: since.value, until: until.value },
    document: { number, kind, party, item, text },
  })
}
