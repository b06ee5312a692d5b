import { mostKeyCharacters } from '../../schemas/idempotency-key.js'
import { messageAnswerSchema, wireNamespace } from '../../schemas/wire/wire-schema.js'
import type { RouteAnswer, RouteDescription } from '../contract.js'

const exampleOrder = JSON.stringify({
  kind: 'order', number: 'PO-1', function: 'original', issuedOn: '2026-03-02', currency: 'EUR',
  parties: { buyer: { identifiers: [{ value: '0010300099' }], names: [{ value: 'Nordlicht Werkzeuge GmbH' }] } },
  lines: [{ number: '1', item: { names: [{ value: 'Hex bolt M8' }] }, quantity: { value: '10', unit: 'C62' }, amount: { value: '125', currency: 'EUR' } }],
})

const messageId = '01a20081-0d2a-7000-a1e9-ebdbcfd19d8e'

const accepted = {
  messageId, outcome: 'accepted',
  documents: [{ kind: 'order', id: '01a20081-0d2f-7000-bd0a-726f1c61b4f6', number: 'PO-1', revision: 1, threadIds: ['5c9c1eec-b4cc-813c-84d1-1ff9307deb6e'] }],
  journalSeq: 14, passed: { crm: 14, warehouse: 14 }, errors: [],
}
const acceptedXml = `<?xml version="1.0" encoding="UTF-8"?>\n<messageAnswer xmlns="${wireNamespace}"><messageId>${messageId}</messageId><outcome>accepted</outcome><journalSeq>14</journalSeq></messageAnswer>`

const rejected = (code: string, at: string, detail: string) => ({ messageId, outcome: 'rejected', documents: [], errors: [{ code, at, detail }] })

/** As JSON, and where Accept prefers it as XML with the same names, an element for each item of a list. */
const answer = (description: string, example: object, exampleXml: string): RouteAnswer => ({
  description,
  content: {
    'application/json': { schema: messageAnswerSchema, example },
    'application/xml': { schema: messageAnswerSchema, example: exampleXml },
    'text/xml': { schema: messageAnswerSchema, example: exampleXml },
  },
})

const refusal = (description: string, code: string, at: string, detail: string): RouteAnswer => answer(description, rejected(code, at, detail),
  `<?xml version="1.0" encoding="UTF-8"?>\n<messageAnswer xmlns="${wireNamespace}"><messageId>${messageId}</messageId><outcome>rejected</outcome><errors><code>${code}</code><at>${at}</at><detail>${detail}</detail></errors></messageAnswer>`)

/** `POST /in/{channel}` in /openapi.json. */
export const description: RouteDescription = {
  operationId: 'sendMessage', summary: 'Takes in one message, in any format that the channel takes, possibly an envelope of many documents', tag: 'messages', secured: true,
  params: { type: 'object', required: ['channel'], properties: { channel: { type: 'string', examples: ['canonical'] } } },
  query: {
    type: 'object',
    properties: {
      wait: { type: 'string', description: 'What shall have followed the message before the answer comes: crm, warehouse or both with a comma.', examples: ['crm,warehouse'] },
      timeoutMs: { type: 'string', description: 'How long to wait, in ms, 60,000 at most; the answer says in `passed` how far they came.', examples: ['5000'] },
    },
  },
  headers: {
    type: 'object',
    properties: {
      'idempotency-key': { type: 'string', description: `1 to ${mostKeyCharacters} printable ASCII characters; without it the bytes themselves are the key.`, examples: ['po-1-first'] },
    },
  },
  bodies: { 'application/json': exampleOrder },
  answers: () => ({
    200: answer('Accepted, partly accepted, or had already: stored, with a messageId. A wait that ran out answers so too.', accepted, acceptedXml),
    400: refusal('Unreadable: stored with its reason, under its messageId. A request that makes no sense is a problem and is not stored.', 'json-not-well-formed', '1:18', 'The text ends inside of an object.'),
    409: refusal('The idempotency key belongs to other content: stored, under a messageId of its own.', 'key-reused', 'Idempotency-Key', 'The key is another message\'s, whose content differs.'),
    422: refusal('Refused by schema, mapping or rule: stored with its reasons, under its messageId.', 'field-missing', 'lines[0].quantity', 'The field lines[0].quantity is missing.'),
  }),
}
