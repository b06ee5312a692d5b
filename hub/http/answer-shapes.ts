import { Type, type ObjectOptions, type TObject, type TOptional, type TSchema } from '@sinclair/typebox'
import { documentKinds } from '../../schemas/canonical/canonical-document.js'
import { decimalSchema } from '../../schemas/canonical/common.js'
import { errorRegistry } from '../../schemas/error-registry.js'

/** Shapes that several answers have, made when the description is. */

/** A schema that becomes a component of this name in /openapi.json. */
export const named = <T extends TSchema>(name: string, schema: T): T => ({ ...schema, $id: name })

type MembersOf<T> = { readonly [Name in keyof T]-?: T extends Required<Pick<T, Name>> ? TSchema : TOptional<TSchema> }

/** The schema of a `T`: it names its members, all and no other, so that the description cannot forget one that no sample shows. */
export const objectOf = <T>(members: MembersOf<T>, options: ObjectOptions = {}): TObject => Type.Object(members, options)

export const oneOf = <const T extends string>(values: readonly T[]) => Type.Unsafe<T>(Type.String({ enum: [...values] }))

export const orNull = (type: 'string' | 'integer') => Type.Unsafe<string | number | null>({ type: [type, 'null'] })

export const uuid = () => Type.String({ format: 'uuid' })

/** ISO 8601, UTC. */
export const instant = () => Type.String({ format: 'date-time' })

export const businessDate = () => Type.String({ format: 'date' })

export const decimal = () => named('Decimal', decimalSchema)

export const journalNumber = () => Type.Integer({ minimum: 0, description: 'The number of the last journal entry that the answer knows of.' })

export const documentKind = () => oneOf(documentKinds)

/** `{items, next?}`; `more` are members that the list has besides. */
export const listOf = (item: TSchema, more: Readonly<Record<string, TSchema>> = {}) =>
  Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String({ description: 'The cursor of the next page; absent on the last.' })), ...more })

/** What every refusal is that is not an answer of its own: RFC 9457, with the registry's code and the place. */
export const problemShape = () => named('Problem', Type.Object({
  type: Type.String({ description: '`urn:chainhub:error:` and the code.' }),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  detail: Type.String({ description: 'What was found, and what to do.' }),
  instance: Type.String({ description: 'Names the request in the hub\'s log.' }),
  code: Type.String({ enum: Object.keys(errorRegistry) }),
  at: Type.String({ description: 'Where: a parameter, a header, a path in the body.' }),
}, { title: 'Problem', additionalProperties: false }))
