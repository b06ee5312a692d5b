import type { TObject, TSchema } from '@sinclair/typebox'
import type { Caller } from '../access/access.js'
import type { Result } from '../../schemas/result.js'

/** Who may call: anyone; any key (the operation itself then looks at whose data it is); only keys that may read and run everything; only the hub's other processes. */
export type Audience = 'anyone' | 'any-key' | 'admin' | 'process'

export interface OperationRequest {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | undefined>>
  /** Parsed JSON that fits the operation's body schema; undefined where it declares none. */
  readonly body: unknown
  /** Undefined only where anyone may call. */
  readonly caller: Caller | undefined
}

/** An answer that is not JSON. */
export interface RawReply {
  readonly contentType: string
  readonly raw: Uint8Array | string | AsyncIterable<string | Uint8Array>
}

/** A parameter of another operation whose value stands in an answer. */
export interface AnswerLink {
  /** The id of the other operation. */
  readonly to: string
  readonly parameter: string
  /** A JSON Pointer into the answer: `/items/0/messageId`. */
  readonly from: string
}

/** The answer of status 200 as /openapi.json tells it. */
export interface AnswerDescription {
  readonly description: string
  /** `application/json` where it is not said. */
  readonly contentType?: string
  /** JSON Schema; a schema with an `$id` becomes a component of that name. */
  readonly schema: object
  readonly example: unknown
  readonly links?: readonly AnswerLink[]
}

/** The body that an operation takes, as /openapi.json tells it: bodies by the names of their examples, each of which runs on the samples. */
export interface BodyDescription {
  readonly schema: object
  readonly examples: Readonly<Record<string, unknown>>
}

/** One REST operation: its route, its description in /openapi.json and what it does, in one place. */
export interface Operation {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/messages/:id` */
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly audience: Audience
  readonly params?: TObject
  readonly query?: TObject
  /** What a body must be before `handle` sees it. */
  readonly body?: TSchema
  readonly bodyDescription?: () => BodyDescription
  /** Made when the description is first asked for, not at the start. */
  readonly answer: () => AnswerDescription
  readonly handle: (request: OperationRequest) => Promise<Result<unknown>>
}

export const isRawReply = (value: unknown): value is RawReply => typeof value === 'object' && value !== null && 'raw' in value && 'contentType' in value
