import type { TObject, TSchema } from '@sinclair/typebox'
import type { Caller } from '../access/access.js'
import type { Result } from '../../schemas/result.js'

/** Who may call: anyone; any key (the operation itself then looks at whose data it is); only keys that may read and run everything. */
export type Audience = 'anyone' | 'any-key' | 'admin'

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
  readonly raw: Uint8Array | string | AsyncIterable<string>
}

/** One REST operation: its route, its description in /openapi.json and what it does, in one place. */
export interface Operation {
  readonly id: string
  readonly method: 'GET' | 'POST'
  /** `/messages/:id` */
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly audience: Audience
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TSchema
  readonly answer: { readonly description: string, readonly contentType?: string, readonly example?: unknown }
  readonly handle: (request: OperationRequest) => Promise<Result<unknown>>
}

export const isRawReply = (value: unknown): value is RawReply => typeof value === 'object' && value !== null && 'raw' in value && 'contentType' in value
