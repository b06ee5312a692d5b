import { createCipheriv } from 'node:crypto'
import type { ErrorCode } from '../schemas/error-registry.js'

/** A hostile message to one of the channels of `attackedChannels`, and how it must be answered. */
export interface Attack {
  readonly family: 'entities' | 'size' | 'structure' | 'names' | 'encodings' | 'compression' | 'json' | 'documents' | 'segments' | 'tables' | 'records'
  readonly name: string
  readonly channel: string
  readonly body: Uint8Array
  readonly contentType?: string
  readonly contentEncoding?: string
  /** Where it is an envelope of so many, each of which is answered for itself. */
  readonly parts?: number
  /** The code of the first error. What is harmless as XML or JSON is format-unknown: it is read, and is no document. */
  readonly code: ErrorCode
}

type Row = readonly [name: string, body: string | Uint8Array, code: ErrorCode, headers?: Pick<Attack, 'contentType' | 'contentEncoding' | 'parts'>]

/** The configuration of a hub that takes them. */
export const attackedChannels = `channels:
  - { id: demo-ubl, formats: [ubl] }
  - { id: shop, formats: [shop-json] }
  - { id: canonical, formats: [canonical] }
  - { id: edi, formats: [edifact, x12] }
  - { id: tables, formats: [shop-csv] }
  - { id: records, formats: [idoc] }
`

/** Attacks of one family on one channel. */
export const family = (name: Attack['family'], rows: readonly Row[], channel = 'demo-ubl'): readonly Attack[] =>
  rows.map(([what, body, code, headers]) => ({ family: name, name: what, channel, body: typeof body === 'string' ? Buffer.from(body) : body, code, ...headers }))

export const many = (count: number, each: (index: number) => string): string => Array.from({ length: count }, (_, index) => each(index)).join('')

/** A text of so many letters that no method makes much shorter, the same each time. */
export const incompressible = (length: number): string =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(Math.ceil(length * 3 / 4))).toString('base64').slice(0, length)
