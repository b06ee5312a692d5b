import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Type, type Static } from '@sinclair/typebox'
import { fail, ok, type Result } from '../../schemas/result.js'

const milliseconds = Type.Integer({ minimum: 1, maximum: 604_800_000 })
const oneOf = <T extends string>(...values: readonly [T, ...T[]]) => Type.Unsafe<T>(Type.String({ enum: [...values] }))
const durationText = Type.String({ minLength: 3, maxLength: 40 })

const mailbox = Type.Object({ id: Type.String({ minLength: 1, maxLength: 35 }), qualifier: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })) }, { additionalProperties: false })

/** An endpoint as the configuration file writes it. */
export const endpointSchema = Type.Object({
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' }),
  connector: Type.String({ minLength: 1, maxLength: 63 }),
  settings: Type.Record(Type.String(), Type.Unknown()),
  format: Type.String({ minLength: 1, maxLength: 63 }),
  json: Type.Optional(Type.Boolean()),
  system: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
  operation: Type.Optional(Type.Union([Type.String({ minLength: 1 }), Type.Record(Type.String(), Type.String({ minLength: 1 }))])),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 256 })),
  retry: Type.Optional(Type.Object({
    firstMs: Type.Optional(milliseconds), maxMs: Type.Optional(milliseconds), attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })), age: Type.Optional(durationText),
  }, { additionalProperties: false })),
  breaker: Type.Optional(Type.Object({ failures: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })), probeMs: Type.Optional(milliseconds) }, { additionalProperties: false })),
  acknowledge: Type.Optional(oneOf('wished', 'always', 'never')),
  interchange: Type.Optional(Type.Object({ sender: Type.Optional(mailbox), receiver: Type.Optional(mailbox), acknowledgement: Type.Optional(Type.Boolean()) }, { additionalProperties: false })),
}, { additionalProperties: false })

export const alertsSchema = Type.Object({ endpoint: Type.String({ minLength: 1, maxLength: 63 }) }, { additionalProperties: false })

/** An endpoint of the configuration file, its references to secrets resolved, and where it stands there. */
export interface EndpointSetting extends Static<typeof endpointSchema> {
  /** `chainhub.yaml:12 endpoints.0.settings.url` */
  readonly placeOf: (path: readonly string[]) => string
}

interface References {
  /** Files that are named stand beside the configuration file. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly placeOf: (path: readonly string[]) => string
}

/** Puts what `{ file: … }` and `{ env: … }` refer to in their place, anywhere in a value. Fails with config-invalid at the reference; a secret is never said. */
export const resolveReferences = (value: unknown, references: References, path: readonly string[] = []): Result<unknown> => {
  if (typeof value !== 'object' || value === null) return ok(value)
  const entries = Object.entries(value)
  const [only] = entries
  if (entries.length === 1 && only !== undefined && (only[0] === 'file' || only[0] === 'env') && typeof only[1] === 'string') return referred(only[0], only[1], references, path)
  const resolved: [string, unknown][] = []
  for (const [name, member] of entries) {
    const one = resolveReferences(member, references, [...path, name])
    if (!one.ok) return one
    resolved.push([name, one.value])
  }
  return ok(Array.isArray(value) ? resolved.map(([, member]) => member) : Object.fromEntries(resolved))
}

const referred = (kind: 'file' | 'env', name: string, { folder, environment, placeOf }: References, path: readonly string[]): Result<string> => {
  if (kind === 'env') {
    const value = environment[name]
    return value === undefined || value === '' ? fail('config-invalid', placeOf(path), `The environment has no ${name}.`) : ok(value)
  }
  try {
    return ok(readFileSync(resolve(folder, name), 'utf8').replace(/\r?\n$/, ''))
  } catch (error) {
    return fail('config-invalid', placeOf(path), `The file cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
