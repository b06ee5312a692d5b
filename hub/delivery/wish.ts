import { Type, type Static } from '@sinclair/typebox'
import { partyRoles } from '../../schemas/canonical/common.js'
import { documentKinds } from '../../schemas/canonical/canonical-document.js'
import { uuidPattern } from '../../schemas/ids.js'
import { pathPattern } from './field-change.js'

const oneOf = <const T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>(Type.String({ enum: [...values] }))
const names = Type.Array(Type.String({ minLength: 1, maxLength: 63 }), { minItems: 1, maxItems: 100 })
const duration = Type.String({ maxLength: 40 })

const partySchema = Type.Object({
  role: Type.Optional(oneOf([...partyRoles, 'any'] as const)),
  key: Type.Optional(Type.String({ minLength: 1, maxLength: 400, description: 'The source key by which the sending system names it.' })),
  id: Type.Optional(Type.String({ pattern: uuidPattern, description: 'A golden party.' })),
}, { additionalProperties: false })

/** What a subscription wants, as docs/deliveries.md tells it. */
export const wishSchema = Type.Object({
  endpoint: Type.String({ minLength: 1, maxLength: 63 }),
  kinds: Type.Optional(Type.Array(oneOf(documentKinds), { minItems: 1, maxItems: 100 })),
  parties: Type.Optional(Type.Array(partySchema, { minItems: 1, maxItems: 1000 })),
  changed: Type.Optional(Type.Array(Type.String({ pattern: pathPattern, maxLength: 200 }), { minItems: 1, maxItems: 100 })),
  channels: Type.Optional(names),
  systems: Type.Optional(names),
  test: Type.Optional(oneOf(['exclude', 'include', 'only'] as const)),
  echo: Type.Optional(Type.Boolean()),
  from: Type.Optional(Type.Integer({ minimum: 1 })),
  expect: Type.Optional(Type.Object({ received: Type.Optional(duration), understood: Type.Optional(duration), answered: Type.Optional(duration) }, { additionalProperties: false })),
  paused: Type.Optional(Type.Boolean()),
}, { additionalProperties: false })

export type Wish = Static<typeof wishSchema>
export type WishedParty = Static<typeof partySchema>

/** A subscription as it is stored. */
export interface Subscription {
  readonly id: string
  readonly wish: Wish
  readonly paused: boolean
  /** The last entry looked at, where it does not go along with the follower; null where it does. */
  readonly reached: number | null
}
