import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Type, type Static } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { lazily } from '../../schemas/lazily.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { sentenceOf } from '../../schemas/schema-sentence.js'

const text = (maxLength = 2_000) => Type.String({ minLength: 1, maxLength })
const oneOf = <T extends string>(...values: readonly [T, ...T[]]) => Type.Unsafe<T>(Type.String({ enum: [...values] }))
const milliseconds = Type.Integer({ minimum: 1, maximum: 3_600_000 })
/** RFC 9110, section 5.5, without what could end a header. */
const headerValue = Type.String({ pattern: '^[\\t\\x20-\\x7e]*$', maxLength: 8_000 })

const settingsSchema = Type.Object({
  wsdl: text(),
  service: Type.Optional(text()),
  port: Type.Optional(text()),
  soapVersion: Type.Optional(oneOf('1.1', '1.2')),
  endpoint: Type.Optional(text()),
  allowedHosts: Type.Optional(Type.Array(text(300), { maxItems: 100 })),
  credentials: Type.Optional(Type.Object({
    type: oneOf('basic', 'bearer'), username: Type.Optional(Type.String({ pattern: '^[^:\\x00-\\x1f]*$', maxLength: 1_000 })), password: Type.Optional(Type.String({ maxLength: 1_000 })),
    token: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]+$', maxLength: 8_000 })),
  }, { additionalProperties: false })),
  usernameToken: Type.Optional(Type.Object({ username: text(1_000), password: Type.String({ maxLength: 1_000 }), passwordType: Type.Optional(oneOf('digest', 'text')) }, { additionalProperties: false })),
  soapHeaders: Type.Optional(text(1_000_000)),
  httpHeaders: Type.Optional(Type.Record(Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$" }), headerValue, { additionalProperties: false })),
  ca: Type.Optional(text(1_000_000)),
  connectTimeoutMs: Type.Optional(milliseconds),
  timeoutMs: Type.Optional(milliseconds),
  describeTimeoutMs: Type.Optional(milliseconds),
  maxAnswerBytes: Type.Optional(Type.Integer({ minimum: 1_024, maximum: 268_435_456 })),
  maxDescriptionBytes: Type.Optional(Type.Integer({ minimum: 1_024, maximum: 268_435_456 })),
  maxRedirects: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
  freshForMs: Type.Optional(Type.Integer({ minimum: 0 })),
}, { additionalProperties: false })

type Written = Static<typeof settingsSchema>

/** Everything about one partner's service, defaults filled in. README.md says what each means. */
export interface SoapClientSettings extends ReturnType<typeof withDefaults> {
  /** http, https or file. */
  readonly wsdl: URL
  readonly endpoint: URL | undefined
  /** The value of the Authorization header. */
  readonly authorization: string | undefined
}

const validator = lazily(() => new Ajv({ allErrors: false }).compile<Written>(settingsSchema))

const ownHeaders = new Set(['authorization', 'connection', 'content-encoding', 'content-length', 'content-type', 'host', 'soapaction', 'transfer-encoding', 'upgrade'])

/** Fails with config-invalid at the setting; a value is never repeated in the failure, since it may be secret. */
export const readSettings = (settings: unknown): Result<SoapClientSettings> => {
  const validate = validator()
  if (!validate(settings)) {
    const error = validate.errors?.[0]
    const at = (error?.instancePath ?? '').slice(1).replaceAll('/', '.')
    const unknown: unknown = error?.params['additionalProperty']
    return fail('config-invalid', typeof unknown === 'string' ? unknown : at || 'settings', error === undefined ? 'The settings are not valid.' : sentenceOf(error, 'setting'))
  }
  const wsdl = readAddress('wsdl', settings.wsdl)
  if (!wsdl.ok) return wsdl
  const endpoint = settings.endpoint === undefined ? ok(undefined) : readAddress('endpoint', settings.endpoint)
  if (!endpoint.ok) return endpoint
  const authorization = readAuthorization(settings.credentials)
  if (!authorization.ok) return authorization
  const taken = Object.keys(settings.httpHeaders ?? {}).find((name) => ownHeaders.has(name.toLowerCase()))
  if (taken !== undefined) return fail('config-invalid', `httpHeaders.${taken}`, 'The connector sets this header itself.')
  return ok({ ...withDefaults(settings), wsdl: wsdl.value, endpoint: endpoint.value, authorization: authorization.value })
}

const withDefaults = (settings: Written) => ({
  service: settings.service,
  port: settings.port,
  soapVersion: settings.soapVersion,
  usernameToken: settings.usernameToken,
  soapHeaders: settings.soapHeaders,
  ca: settings.ca,
  allowedHosts: settings.allowedHosts ?? [],
  httpHeaders: settings.httpHeaders ?? {},
  connectTimeoutMs: settings.connectTimeoutMs ?? 10_000,
  timeoutMs: settings.timeoutMs ?? 60_000,
  describeTimeoutMs: settings.describeTimeoutMs ?? 60_000,
  maxAnswerBytes: settings.maxAnswerBytes ?? 16_777_216,
  maxDescriptionBytes: settings.maxDescriptionBytes ?? 33_554_432,
  maxRedirects: settings.maxRedirects ?? 3,
  freshForMs: settings.freshForMs ?? 600_000,
})

const readAddress = (at: 'wsdl' | 'endpoint', value: string): Result<URL> => {
  const url = at === 'wsdl' && isAbsolute(value) ? pathToFileURL(value) : URL.canParse(value) ? new URL(value) : undefined
  const schemes = at === 'wsdl' ? ['http:', 'https:', 'file:'] : ['http:', 'https:']
  if (url === undefined || !schemes.includes(url.protocol)) return fail('config-invalid', at, `This takes an http or https address${at === 'wsdl' ? ' or the absolute path of a file' : ''}.`)
  if (url.username !== '' || url.password !== '') return fail('config-invalid', at, 'The address holds credentials; give them under credentials.')
  url.hash = ''
  return ok(url)
}

const readAuthorization = (credentials: Written['credentials']): Result<string | undefined> => {
  if (credentials === undefined) return ok(undefined)
  const { type, username, password, token } = credentials
  if (type === 'bearer') return token === undefined || username !== undefined || password !== undefined ? missing('bearer takes a token alone.') : ok(`Bearer ${token}`)
  return username === undefined || password === undefined || token !== undefined ? missing('basic takes a username and a password.') : ok(`Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`)
}

const missing = (detail: string): Failure => fail('config-invalid', 'credentials', detail)
