import { Type, type Static } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { lazily } from '../../schemas/lazily.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { sentenceOf } from '../../schemas/schema-sentence.js'

const milliseconds = Type.Integer({ minimum: 1, maximum: 3_600_000 })
const oneOf = <T extends string>(...values: readonly [T, ...T[]]) => Type.Unsafe<T>(Type.String({ enum: [...values] }))
/** RFC 9110, section 5.5, without what could end a header. */
const headerValue = Type.String({ pattern: '^[\\t\\x20-\\x7e]*$', maxLength: 8_000 })

/** A name on the envelope of AS2, or an address of e-mail. */
const name = Type.String({ pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?$', maxLength: 128 })

const settingsSchema = Type.Object({
  url: Type.String({ minLength: 1, maxLength: 2_000 }),
  method: Type.Optional(oneOf('POST', 'PUT')),
  answer: Type.Optional(oneOf('http', 'cxml')),
  contentType: Type.Optional(Type.String({ pattern: '^[!#$%&\'*+.^_`|~0-9A-Za-z-]+/[\\x20-\\x7e]+$', maxLength: 200 })),
  sharedSecret: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
  receipt: Type.Optional(Type.Object({ to: name, from: Type.Optional(name), partner: Type.Optional(name), later: Type.Optional(Type.String({ pattern: '^https?://[\\x21-\\x7e]+$', maxLength: 2_000 })) }, { additionalProperties: false })),
  allowedHosts: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: 100 })),
  credentials: Type.Optional(Type.Object({
    type: oneOf('basic', 'bearer'), username: Type.Optional(Type.String({ pattern: '^[^:\\x00-\\x1f]*$', maxLength: 1_000 })), password: Type.Optional(Type.String({ maxLength: 1_000 })),
    token: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]+$', maxLength: 8_000 })),
  }, { additionalProperties: false })),
  httpHeaders: Type.Optional(Type.Record(Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$" }), headerValue, { additionalProperties: false })),
  ca: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000_000 })),
  connectTimeoutMs: Type.Optional(milliseconds),
  timeoutMs: Type.Optional(milliseconds),
  maxAnswerBytes: Type.Optional(Type.Integer({ minimum: 1_024, maximum: 268_435_456 })),
}, { additionalProperties: false })

type Written = Static<typeof settingsSchema>

/** Everything about one partner's address, defaults filled in. README.md says what each means. */
export interface HttpOutSettings {
  readonly url: URL
  readonly method: 'POST' | 'PUT'
  /** By what an answer of status 2xx is known to be good. */
  readonly answer: 'http' | 'cxml'
  /** In the place of what the bytes are sent as otherwise. */
  readonly contentType: string | undefined
  /** Put into the header of a cXML document as it leaves; kept nowhere else. */
  readonly sharedSecret: string | undefined
  /** Where a receipt is asked for, by which names both sides go, and the address of ours that it is to be sent to where it may come later. */
  readonly receipt: { readonly to: string, readonly from: string | undefined, readonly partner: string | undefined, readonly later: string | undefined } | undefined
  /** What is shown to nobody, wherever a partner may repeat it. */
  readonly secrets: readonly string[]
  readonly allowedHosts: readonly string[]
  /** The value of the Authorization header. */
  readonly authorization: string | undefined
  readonly httpHeaders: Readonly<Record<string, string>>
  readonly ca: string | undefined
  readonly connectTimeoutMs: number
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
}

const validator = lazily(() => new Ajv({ allErrors: false }).compile<Written>(settingsSchema))

const ownHeaders = new Set(['as2-from', 'as2-to', 'as2-version', 'authorization', 'disposition-notification-to', 'message-id', 'receipt-delivery-option', 'chainhub-key', 'chainhub-sequence', 'connection', 'content-encoding', 'content-length', 'content-type', 'host', 'idempotency-key', 'transfer-encoding', 'upgrade'])

/** Fails with config-invalid at the setting; a value is never repeated in the failure, since it may be secret. */
export const readOutboundSettings = (settings: unknown): Result<HttpOutSettings> => {
  const validate = validator()
  if (!validate(settings)) {
    const error = validate.errors?.[0]
    const at = (error?.instancePath ?? '').slice(1).replaceAll('/', '.')
    const unknown: unknown = error?.params['additionalProperty']
    return fail('config-invalid', typeof unknown === 'string' ? unknown : at, error === undefined ? 'The settings are not valid.' : sentenceOf(error, 'setting'))
  }
  const url = URL.canParse(settings.url) ? new URL(settings.url) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return fail('config-invalid', 'url', 'This takes an http or https address.')
  if (url.username !== '' || url.password !== '') return fail('config-invalid', 'url', 'The address holds credentials; give them under credentials.')
  url.hash = ''
  const authorization = readAuthorization(settings.credentials)
  if (!authorization.ok) return authorization
  if (settings.receipt?.later !== undefined && settings.sharedSecret !== undefined) return fail('config-invalid', 'receipt.later', 'A receipt that comes later is compared with what is kept, and a sharedSecret is kept nowhere: give one of the two.')
  const taken = Object.keys(settings.httpHeaders ?? {}).find((name) => ownHeaders.has(name.toLowerCase()))
  if (taken !== undefined) return fail('config-invalid', `httpHeaders.${taken}`, 'The connector sets this header itself.')
  return ok({
    url, authorization: authorization.value,
    method: settings.method ?? 'POST',
    answer: settings.answer ?? 'http',
    contentType: settings.contentType,
    sharedSecret: settings.sharedSecret,
    receipt: settings.receipt && { to: settings.receipt.to, from: settings.receipt.from, partner: settings.receipt.partner, later: settings.receipt.later },
    secrets: [settings.sharedSecret, settings.credentials?.token, settings.credentials?.password].flatMap((one) => (one === undefined || one === '' ? [] : [one])),
    allowedHosts: settings.allowedHosts ?? [],
    httpHeaders: settings.httpHeaders ?? {},
    ca: settings.ca,
    connectTimeoutMs: settings.connectTimeoutMs ?? 10_000,
    timeoutMs: settings.timeoutMs ?? 30_000,
    maxAnswerBytes: settings.maxAnswerBytes ?? 1_048_576,
  })
}

const readAuthorization = (credentials: Written['credentials']): Result<string | undefined> => {
  if (credentials === undefined) return ok(undefined)
  const { type, username, password, token } = credentials
  if (type === 'bearer') return token === undefined || username !== undefined || password !== undefined ? fail('config-invalid', 'credentials', 'bearer takes a token alone.') : ok(`Bearer ${token}`)
  return username === undefined || password === undefined || token !== undefined
    ? fail('config-invalid', 'credentials', 'basic takes a username and a password.') : ok(`Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`)
}
