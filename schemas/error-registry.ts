/** Who has to act, as SOAP says it. */
type SoapFault = 'Client' | 'Server'

interface ErrorEntry {
  /** What happened, in one sentence without the particulars. */
  readonly text: string
  readonly status: number
  readonly soapFault: SoapFault
  /** Whether the very same request can succeed later. */
  readonly retry: boolean
}

const client = (status: number, text: string, retry = false): ErrorEntry => ({ text, status, soapFault: 'Client', retry })
const server = (status: number, text: string): ErrorEntry => ({ text, status, soapFault: 'Server', retry: true })

/** Every error code that leaves the hub, with its text, HTTP status, SOAP fault and whether a retry makes sense. */
export const errorRegistry = {
  // reading: stored, 400
  'encoding-unknown': client(400, 'The character encoding that the message names is not one that the hub reads.'),
  'encoding-invalid': client(400, 'The bytes do not decode in the encoding that the message declares.'),
  'content-encoding-invalid': client(400, 'The compressed body does not decompress.'),
  'xml-not-well-formed': client(400, 'The XML is not well-formed.'),
  'xml-forbidden': client(400, 'The XML uses a construct that the hub does not accept from outside, such as an entity declaration.'),
  'json-not-well-formed': client(400, 'The JSON is not well-formed.'),
  'csv-not-well-formed': client(400, 'The table cannot be read: a quote, a row or a column is not as it has to be.'),
  'segments-not-well-formed': client(400, 'The segments of an interchange cannot be told apart: a separator, a tag or an end is not as it has to be.'),
  'records-not-well-formed': client(400, 'The records of fixed positions cannot be read: one is of no kind that is known, or longer than it may be.'),
  'limit-exceeded': client(400, 'The document passes a limit on depth, attributes, names or size.'),
  'syntax-unknown': client(400, 'The message is neither XML nor JSON.'),
  'message-empty': client(400, 'The message has no content.'),
  // recognition, validation, mapping: stored, 422
  'format-unknown': client(422, 'No format that this channel takes recognises the document.'),
  'format-ambiguous': client(422, 'More than one format recognises the document.'),
  'field-missing': client(422, 'A field that the document must have is missing.'),
  'field-unknown': client(422, 'The document has a field that its schema does not know.'),
  'value-invalid': client(422, 'A value does not have the form that its field takes.'),
  'code-unknown': client(422, 'A code is not in the code list of its field.'),
  'node-unknown': client(422, 'The document has an element, attribute or member that the description of its format does not know.'),
  'node-misplaced': client(422, 'Elements do not stand in the order of the format.'),
  'node-repeated': client(422, 'Something stands more often than the format lets it.'),
  'rule-violated': client(422, 'The document breaks a named rule of the profile that it says it keeps to.'),
  'total-mismatch': client(422, 'A total does not equal the sum of its parts.'),
  'schema-violation': client(422, 'The document does not keep to a schema that is registered for it.'),
  'schema-check-failed': client(422, 'Holding the document against a registered schema took too much time or memory.'),
  'schema-invalid': client(422, 'A schema that is to be registered is not valid or not complete.'),
  'envelope-invalid': client(422, 'The envelope does not hold what its kind of envelope must hold.'),
  'not-storable': client(422, 'The document holds a value that no database can keep, such as the character U+0000.'),
  'revision-stale': client(422, 'A later message has already replaced this document; a replay never goes back behind it.'),
  'key-reused': client(409, 'The idempotency key was used before with other content.'),
  // not stored
  'credentials-missing': client(401, 'The request carries no credentials.'),
  'credentials-invalid': client(401, 'The credentials are not known.'),
  'header-unsupported': client(400, 'The document\'s header shows its sender in a way that the hub does not take.'),
  'forbidden': client(403, 'The caller has no right to this.'),
  'not-found': client(404, 'There is nothing at this address.'),
  'raw-dropped': client(410, 'The bytes of the message were dropped, as the rules of retention say.'),
  'method-not-allowed': client(405, 'The address does not take this method; the header Allow names those that it takes.'),
  'channel-unknown': client(404, 'There is no channel of this name.'),
  'too-slow': client(408, 'The message came too slowly.', true),
  'too-large': client(413, 'The message is larger than the channel takes.'),
  'media-type-unsupported': client(415, 'This content type or content coding is not taken here.'),
  'address-too-long': client(414, 'A part of the address is longer than any that is served.'),
  'headers-too-large': client(431, 'The headers of the request are larger than the hub reads.'),
  'expectation-failed': client(417, 'The header Expect asks for something that the hub does not do.'),
  'request-timeout': client(408, 'The request did not come to its end in time.', true),
  'request-invalid': client(400, 'The request is not one that this operation takes.'),
  'query-invalid': client(400, 'The query names a cube, level, measure or value that does not exist.'),
  'timeout': server(504, 'The answer did not come in time.'),
  'rate-limited': client(429, 'The sender sends more than its quota lets it.', true),
  'shutting-down': server(503, 'The hub is shutting down.'),
  'schema-unavailable': server(503, 'Documents cannot be held against their registered schemas at the moment.'),
  'busy': server(503, 'The hub has as much under way as it may.'),
  'giants-busy': server(503, 'The hub takes as many large messages in as it may at a time.'),
  'still-running': server(503, 'The message is kept and its parts are still being taken.'),
  'no-owner': server(503, 'No process keeps this follower at the moment, or the one that does is not reached.'),
  'database-unavailable': server(503, 'A database cannot be reached.'),
  'internal': server(500, 'The hub failed; the fault is logged under the number given.'),
  // SOAP
  'soap-version': client(500, 'The envelope is neither SOAP 1.1 nor SOAP 1.2.'),
  'soap-must-understand': client(500, 'A header that must be understood is not.'),
  'soap-operation-unknown': client(500, 'The body names no operation of this service.'),
  'soap-action-mismatch': client(500, 'The SOAPAction names another operation than the body.'),
  // WS-Security
  'security-invalid': client(400, 'The Security header is not what WS-Security describes.'),
  'security-unsupported': client(400, 'The Security header holds a token that the hub does not take.'),
  'security-expired': client(401, 'The message is too old, comes from the future, or is past its own end.'),
  'security-replayed': client(401, 'The nonce or the signature of the message was used before.'),
  'signature-invalid': client(401, 'The signature does not fit what was sent, or is not by a certificate of the channel.'),
  'signature-missing': client(403, 'The message is not signed where it has to be.'),
  'signature-unsupported': client(400, 'The signature uses an algorithm, a transform or a reference that the hub does not take.'),
  // calling partners
  'address-refused': client(424, 'The address is not one that may be called.'),
  'wsdl-invalid': client(424, 'The description of the partner\'s service can\'t be read.'),
  'wsdl-unsupported': client(424, 'The description asks for something that the hub does not speak.'),
  'wsdl-too-costly': client(424, 'Working with the description took more time or memory than it may.'),
  'partner-unreachable': server(502, 'The partner\'s system can\'t be reached; nothing was sent.'),
  'partner-interrupted': server(502, 'The connection broke before the partner\'s answer was whole.'),
  'partner-unavailable': server(502, 'The partner\'s system says that it can\'t answer now.'),
  'partner-denied': client(424, 'The partner\'s system refuses the request.'),
  'answer-too-large': client(424, 'What the partner\'s system sends is larger than the settings allow.'),
  'answer-invalid': client(424, 'The partner\'s answer is not what its description says.'),
  'soap-fault-sender': client(424, 'The partner answered with a fault that lays it to the request.'),
  'soap-fault-receiver': server(502, 'The partner answered with a fault that lays it to its own system.'),
  // configuration and command line
  'config-invalid': client(400, 'A setting is not valid.'),
  'mapping-invalid': client(400, 'A mapping file is not valid.'),
  'delivery-busy': client(409, 'The delivery may be under way at this moment.', true),
  'delivery-done': client(409, 'The delivery was sent or skipped already.'),
  'data-in-use': server(503, 'Another hub runs on this data.'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorRegistry

export const errorEntry = (code: ErrorCode): ErrorEntry => errorRegistry[code]
