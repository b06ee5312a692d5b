import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Type, type Static } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { lazily } from '../schemas/lazily.js'
import { mostNodes } from '../schemas/node.js'
import { fail, ok, type Result } from '../schemas/result.js'
import { sentenceOf } from '../schemas/schema-sentence.js'
import { hasAllRoles, processRoles, type ProcessRole } from './process-roles.js'
import { alertsSchema, endpointSchema, resolveReferences, type EndpointSetting } from './delivery/endpoint-setting.js'
import { kafkaFromEnvironment, kafkaSchema, readKafkaSettings, type KafkaSettings } from './relay/kafka-settings.js'

const channelSchema = Type.Object({
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' }),
  system: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
  partner: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  formats: Type.Array(Type.String(), { minItems: 1 }),
  totals: Type.Optional(Type.Unsafe<'warn' | 'refuse'>(Type.String({ enum: ['warn', 'refuse'] }))),
  credentials: Type.Optional(Type.Unsafe<'key' | 'cxml'>(Type.String({ enum: ['key', 'cxml'] }))),
  answer: Type.Optional(Type.Unsafe<'hub' | 'cxml'>(Type.String({ enum: ['hub', 'cxml'] }))),
  validation: Type.Optional(Type.Unsafe<'refuse' | 'warn'>(Type.String({ enum: ['refuse', 'warn'] }))),
  strict: Type.Optional(Type.Unsafe<boolean | 'yes' | 'no'>({ enum: [true, false, 'yes', 'no'] })),
  acknowledge: Type.Optional(Type.Unsafe<'wished' | 'always' | 'never'>(Type.String({ enum: ['wished', 'always', 'never'] }))),
  maxBytes: Type.Optional(Type.Integer({ minimum: 1024, maximum: 1_073_741_824 })),
  maxNodes: Type.Optional(Type.Integer({ minimum: 1000, maximum: mostNodes })),
  certificates: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
  signed: Type.Optional(Type.Unsafe<'optional' | 'required'>(Type.String({ enum: ['optional', 'required'] }))),
  giantBytes: Type.Optional(Type.Integer({ minimum: 1024, maximum: 1_073_741_824 })),
  maxGiantBytes: Type.Optional(Type.Integer({ minimum: 1024, maximum: 17_179_869_184 })),
  quota: Type.Optional(Type.Object({
    perSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    burst: Type.Optional(Type.Integer({ minimum: 1 })),
    concurrent: Type.Optional(Type.Integer({ minimum: 1 })),
  }, { additionalProperties: false, minProperties: 1 })),
}, { additionalProperties: false })

/** A channel as the configuration file writes it, and where. */
export interface ChannelSetting extends Static<typeof channelSchema> {
  readonly at: string
}

const soapSchema = Type.Object({
  passwordText: Type.Optional(Type.Boolean()),
  sha1: Type.Optional(Type.Boolean()),
  maxAgeSeconds: Type.Optional(Type.Integer({ minimum: 10, maximum: 3600 })),
  openBytes: Type.Optional(Type.Integer({ minimum: 65_536, maximum: 1_073_741_824 })),
}, { additionalProperties: false })

/** How WS-Security is taken. */
export interface SoapSettings {
  readonly passwordText: boolean
  readonly sha1: boolean
  readonly maxAgeMs: number
  /** The largest SOAP request, in bytes, that is read without a key in the HTTP headers. */
  readonly openBytes: number
}

const days = (minimum: number) => Type.Optional(Type.Integer({ minimum, maximum: 36_500 }))

const retentionSchema = Type.Object({
  partitionDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })),
  packAfterDays: days(0),
  rawDays: days(0),
  deliveryDays: days(0),
  rules: Type.Optional(Type.Array(Type.Object({
    channel: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
    outcome: Type.Optional(Type.String({ enum: ['accepted', 'duplicate', 'partial', 'rejected'] })),
    rawDays: days(0),
  }, { additionalProperties: false, minProperties: 1 }), { maxItems: 200 })),
}, { additionalProperties: false })

/** How long messages keep their bytes. Where no days are said they keep them for ever. */
export interface RetentionSettings {
  readonly partitionDays: number
  readonly packAfterDays: number
  readonly rawDays: number | undefined
  /** How long deliveries that are done keep their bytes and attempts. */
  readonly deliveryDays: number | undefined
  /** The first that fits counts. */
  readonly rules: readonly { readonly channel?: string, readonly outcome?: string, readonly rawDays?: number }[]
}

const fileSchema = Type.Object({
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  host: Type.Optional(Type.String({ minLength: 1 })),
  data: Type.Optional(Type.String({ minLength: 1 })),
  mappings: Type.Optional(Type.String({ minLength: 1 })),
  centralUrl: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  crmUrl: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  warehouseUrl: Type.Optional(Type.String({ pattern: '^duckdb:.+' })),
  adminKey: Type.Optional(Type.String({ minLength: 16, maxLength: 200 })),
  logLevel: Type.Optional(Type.Unsafe<LogLevel>(Type.String({ enum: ['debug', 'info', 'warn', 'error', 'silent'] }))),
  secretKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })),
  soap: Type.Optional(soapSchema),
  intake: Type.Optional(Type.Object({ heldBytes: Type.Optional(Type.Integer({ minimum: 1_048_576 })) }, { additionalProperties: false })),
  warehouse: Type.Optional(Type.Object({ memoryBytes: Type.Optional(Type.Integer({ minimum: 134_217_728 })) }, { additionalProperties: false })),
  retention: Type.Optional(retentionSchema),
  kafka: Type.Optional(kafkaSchema),
  followFrom: Type.Optional(Type.Unsafe<'table' | 'kafka'>(Type.String({ enum: ['table', 'kafka'] }))),
  channels: Type.Optional(Type.Array(channelSchema, { minItems: 1 })),
  roles: Type.Optional(Type.Array(Type.Unsafe<ProcessRole | 'all'>(Type.String({ enum: ['all', ...processRoles] })), { minItems: 1 })),
  url: Type.Optional(Type.String({ pattern: '^https?://[^/]+$' })),
  endpoints: Type.Optional(Type.Array(endpointSchema, { minItems: 1 })),
  alerts: Type.Optional(alertsSchema),
}, { additionalProperties: false })

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
type Settings = Static<typeof fileSchema>

/** What the hub runs with. URLs that are missing mean the embedded databases in `dataFolder`. */
export interface Config {
  readonly port: number
  readonly host: string
  readonly dataFolder: string
  /** Formats of one's own, beside those that come with the hub. */
  readonly mappingsFolder: string | undefined
  readonly centralUrl: string | undefined
  readonly crmUrl: string | undefined
  readonly warehouseFile: string | undefined
  /** What the warehouse may take of the memory for its pages and for what is being asked, in bytes. */
  readonly warehouseBytes: number
  readonly adminKey: string | undefined
  readonly logLevel: LogLevel
  /** Under which secrets are sealed; undefined means the one in `dataFolder`. */
  readonly secretKey: Uint8Array | undefined
  readonly soap: SoapSettings
  /** What the messages that are coming in or wait for their answer may take of the memory together, in bytes. */
  readonly heldBytes: number
  readonly retention: RetentionSettings
  /** Undefined means no Kafka. */
  readonly kafka: KafkaSettings | undefined
  /** Where the followers read the journal. */
  readonly followFrom: 'table' | 'kafka'
  readonly channels: readonly ChannelSetting[] | undefined
  readonly roles: readonly ProcessRole[]
  /** Under which the hub's other processes reach this one; undefined means where it listens. */
  readonly ownUrl: string | undefined
  /** Where deliveries go; undefined where nothing is said of them. */
  readonly endpoints: readonly EndpointSetting[] | undefined
  /** The endpoint that alerts are sent to, and where that is said. */
  readonly alerts: { readonly endpoint: string, readonly at: string } | undefined
}

export interface Flags {
  readonly port?: string
  readonly data?: string
  readonly config?: string
  readonly mappings?: string
  readonly roles?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** The settings of a start: flags first, then `CHAINHUB_*` of the environment, then the configuration file, then the defaults. */
export const readConfig = (flags: Flags, environment: Environment = process.env): Result<Config> => {
  const path = flags.config ?? environment['CHAINHUB_CONFIG']
  const file = path === undefined ? ok<ConfigFile>({ settings: {}, placeOf: (place) => place.join('.') }) : readConfigFile(path)
  if (!file.ok) return file
  const chosen = checkSettings({
    ...file.value.settings,
    ...defined({
      port: numberOf(flags.port ?? present(environment['CHAINHUB_PORT'])),
      host: present(environment['CHAINHUB_HOST']),
      data: flags.data ?? present(environment['CHAINHUB_DATA']),
      mappings: flags.mappings ?? present(environment['CHAINHUB_MAPPINGS']) ?? besideFile(path, file.value.settings.mappings),
      centralUrl: present(environment['CHAINHUB_CENTRAL_URL']),
      crmUrl: present(environment['CHAINHUB_CRM_URL']),
      warehouseUrl: present(environment['CHAINHUB_WAREHOUSE_URL']),
      adminKey: present(environment['CHAINHUB_ADMIN_KEY']),
      logLevel: present(environment['CHAINHUB_LOG_LEVEL']),
      secretKey: present(environment['CHAINHUB_SECRET_KEY']),
      roles: (flags.roles ?? present(environment['CHAINHUB_ROLES']))?.split(',').map((role) => role.trim()),
      url: present(environment['CHAINHUB_OWN_URL']),
      followFrom: present(environment['CHAINHUB_FOLLOW_FROM']),
      kafka: kafkaFromEnvironment(file.value.settings.kafka, (name) => present(environment[name])),
    }),
  }, settingName)
  if (!chosen.ok) return chosen
  const channels = chosen.value.channels?.map((channel, index) => placeChannel(channel, file.value.placeOf(['channels', String(index)]), dirname(path ?? '.')))
  const kafka = readKafkaSettings(chosen.value.kafka, { brokers: present(environment['CHAINHUB_KAFKA_BROKERS']), secretOf: (name) => present(environment[name]), folder: dirname(path ?? '.') })
  if (!kafka.ok) return kafka
  if (kafka.value === undefined && chosen.value.followFrom === 'kafka') return fail('config-invalid', 'CHAINHUB_FOLLOW_FROM', 'Followers can read Kafka only where brokers are named: set CHAINHUB_KAFKA_BROKERS.')
  const twice = channels?.find(({ id }, index) => channels.findIndex((other) => other.id === id) < index)
  if (twice !== undefined) return fail('config-invalid', twice.at, `There is a channel '${twice.id}' already.`)
  const endpoints = readEndpoints(chosen.value.endpoints, { folder: dirname(path ?? '.'), environment, placeOf: file.value.placeOf })
  if (!endpoints.ok) return endpoints
  const alerts = chosen.value.alerts === undefined ? undefined : { ...chosen.value.alerts, at: file.value.placeOf(['alerts', 'endpoint']) }
  return checkRoles({ ...toConfig(chosen.value, channels), endpoints: endpoints.value, alerts, kafka: kafka.value })
}

interface EndpointPlaces {
  readonly folder: string
  readonly environment: Environment
  readonly placeOf: ConfigFile['placeOf']
}

/** With the secrets that they refer to in place. */
const readEndpoints = (written: Settings['endpoints'], { folder, environment, placeOf }: EndpointPlaces): Result<readonly EndpointSetting[] | undefined> => {
  if (written === undefined) return ok(undefined)
  const endpoints: EndpointSetting[] = []
  for (const [index, endpoint] of written.entries()) {
    const placeWithin = (place: readonly string[]): string => placeOf(['endpoints', String(index), ...place])
    if (endpoints.some(({ id }) => id === endpoint.id)) return fail('config-invalid', placeWithin(['id']), `There is an endpoint '${endpoint.id}' already.`)
    const settings = resolveReferences(endpoint.settings, { folder, environment, placeOf: placeWithin }, ['settings'])
    if (!settings.ok) return settings
    endpoints.push({ ...endpoint, settings: settings.value as EndpointSetting['settings'], placeOf: placeWithin })
  }
  return ok(endpoints)
}

/** The embedded PostgreSQL is one process's own and ends with it. */
const checkRoles = (config: Config): Result<Config> =>
  (hasAllRoles(config.roles) || (config.centralUrl !== undefined && config.crmUrl !== undefined)
    ? ok(config)
    : fail('config-invalid', '--roles', 'The embedded PostgreSQL belongs to one process that has all roles. For several processes set CHAINHUB_CENTRAL_URL and CHAINHUB_CRM_URL to a PostgreSQL that all of them reach.'))

/** Files that a channel names stand beside the configuration file. */
const placeChannel = ({ certificates, ...channel }: Static<typeof channelSchema>, at: string, folder: string): ChannelSetting =>
  ({ ...channel, at, ...(certificates === undefined ? {} : { certificates: certificates.map((file) => resolve(folder, file)) }) })

/** What the configuration file names stands beside it. */
const besideFile = (file: string | undefined, path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(dirname(file ?? '.'), path))

/** Where formats of one's own are, for commands that ask no hub: `--mappings`, else `CHAINHUB_MAPPINGS`. */
export const readMappingsFolder = (flag: string | undefined, environment: Environment = process.env): string | undefined => flag ?? present(environment['CHAINHUB_MAPPINGS'])

/** Where commands find the hub, from `CHAINHUB_URL` and `CHAINHUB_KEY`. */
export const readClientSettings = (environment: Environment = process.env): { readonly url: string | undefined, readonly key: string | undefined, readonly dataFolder: string } =>
  ({ url: present(environment['CHAINHUB_URL']), key: present(environment['CHAINHUB_KEY']), dataFolder: resolve(present(environment['CHAINHUB_DATA']) ?? 'data') })

const toConfig = (settings: Settings, channels: readonly ChannelSetting[] | undefined): Omit<Config, 'endpoints' | 'alerts' | 'kafka'> => ({
  port: settings.port ?? 8080,
  host: settings.host ?? '127.0.0.1',
  dataFolder: resolve(settings.data ?? 'data'),
  mappingsFolder: settings.mappings === undefined ? undefined : resolve(settings.mappings),
  centralUrl: settings.centralUrl,
  crmUrl: settings.crmUrl,
  warehouseFile: settings.warehouseUrl === undefined ? undefined : resolve(settings.warehouseUrl.slice('duckdb:'.length)),
  warehouseBytes: settings.warehouse?.memoryBytes ?? 1024 * 1024 * 1024,
  adminKey: settings.adminKey,
  logLevel: settings.logLevel ?? (process.stderr.isTTY ? 'warn' : 'info'),
  secretKey: settings.secretKey === undefined ? undefined : Buffer.from(settings.secretKey, 'base64'),
  retention: {
    partitionDays: settings.retention?.partitionDays ?? 7,
    packAfterDays: settings.retention?.packAfterDays ?? 2,
    rawDays: settings.retention?.rawDays,
    deliveryDays: settings.retention?.deliveryDays,
    rules: settings.retention?.rules ?? [],
  },
  soap: {
    passwordText: settings.soap?.passwordText ?? false,
    sha1: settings.soap?.sha1 ?? false,
    maxAgeMs: (settings.soap?.maxAgeSeconds ?? 300) * 1000,
    openBytes: settings.soap?.openBytes ?? 1_048_576,
  },
  heldBytes: settings.intake?.heldBytes ?? 256 * 1024 * 1024,
  followFrom: settings.followFrom ?? 'table',
  channels,
  roles: settings.roles === undefined || settings.roles.includes('all') ? processRoles : processRoles.filter((role) => settings.roles?.includes(role)),
  ownUrl: settings.url,
})

const present = (value: string | undefined): string | undefined => (value === '' ? undefined : value)
const numberOf = (value: string | undefined): number | string | undefined => (value !== undefined && /^\d+$/.test(value) ? Number(value) : value)
const defined = (values: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const environmentNames: Readonly<Record<string, string>> = { port: '--port', data: '--data', mappings: 'CHAINHUB_MAPPINGS', centralUrl: 'CHAINHUB_CENTRAL_URL', crmUrl: 'CHAINHUB_CRM_URL', warehouseUrl: 'CHAINHUB_WAREHOUSE_URL', adminKey: 'CHAINHUB_ADMIN_KEY', secretKey: 'CHAINHUB_SECRET_KEY', logLevel: 'CHAINHUB_LOG_LEVEL', roles: '--roles', url: 'CHAINHUB_OWN_URL', followFrom: 'CHAINHUB_FOLLOW_FROM', 'kafka.ssl': 'CHAINHUB_KAFKA_TLS', 'kafka.sasl.mechanism': 'CHAINHUB_KAFKA_SASL_MECHANISM' }
const settingName = (path: readonly string[]): string => environmentNames[path[0] ?? ''] ?? environmentNames[path.join('.')] ?? path.join('.')

const validator = lazily(() => new Ajv({ allErrors: false, validateSchema: false }).compile<Settings>(fileSchema))

const checkSettings = (settings: unknown, where: (path: readonly string[]) => string): Result<Settings> => {
  const validate = validator()
  if (validate(settings)) return ok(settings)
  const error = validate.errors?.[0]
  const path = (error?.instancePath ?? '').split('/').slice(1)
  const unknown: unknown = error?.params['additionalProperty']
  return fail('config-invalid', where(typeof unknown === 'string' ? [...path, unknown] : path), error === undefined ? 'The settings are not valid.' : sentenceOf(error, 'setting'))
}

interface ConfigFile {
  readonly settings: Settings
  /** `chainhub.yaml:12 channels.0.formats` */
  readonly placeOf: (path: readonly string[]) => string
}

const readConfigFile = (path: string): Result<ConfigFile> => {
  if (!existsSync(path)) return fail('config-invalid', path, 'The configuration file does not exist.')
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true })
  const error = document.errors[0]
  if (error !== undefined) return fail('config-invalid', `${path}:${lines.linePos(error.pos[0]).line}`, error.message)
  const placeOf = (at: readonly string[]): string => `${path}:${lineOf(document, lines, at)}${at.length === 0 ? '' : ` ${at.join('.')}`}`
  const settings = checkSettings(document.toJS() ?? {}, placeOf)
  return settings.ok ? ok({ settings: settings.value, placeOf }) : settings
}

const lineOf = (document: Document, lines: LineCounter, path: readonly string[]): number => {
  const found = findPair(document.contents, path)
  return found === undefined ? 1 : lines.linePos(found).line
}

/** The offset of the node at a path, or of the nearest one above it. */
const findPair = (root: unknown, path: readonly string[]): number | undefined => {
  let offset: number | undefined
  let node: unknown = root
  for (const step of path) {
    if (typeof node !== 'object' || node === null || !('items' in node) || !Array.isArray(node.items)) return offset
    const items: readonly unknown[] = node.items
    const next = /^\d+$/.test(step) ? items[Number(step)] : items.find((item) => keyOf(item) === step)
    if (next === undefined) return offset
    offset = startOf(typeof next === 'object' && next !== null && 'key' in next ? next.key : next) ?? offset
    node = typeof next === 'object' && next !== null && 'value' in next && 'key' in next ? next.value : next
  }
  return offset
}

const keyOf = (item: unknown): unknown =>
  typeof item === 'object' && item !== null && 'key' in item && typeof item.key === 'object' && item.key !== null && 'value' in item.key ? item.key.value : undefined

const startOf = (node: unknown): number | undefined => {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  const start: unknown = Array.isArray(range) ? range[0] : undefined
  return typeof start === 'number' ? start : undefined
}
