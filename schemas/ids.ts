import { hash } from 'node:crypto'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type MessageId = Branded<'Message'>
export type DocumentId = Branded<'Document'>
export type ThreadId = Branded<'Thread'>
export type PartyId = Branded<'Party'>

/** How one system names a party: `system/scheme:value`. See source-key.ts. */
export type SourceKey = Branded<'SourceKey'>

/** A journal number: 1, 2, 3, … without gaps, in commit order. */
export type JournalNumber = number

/** How ids are written: a UUID in lower case. */
export const uuidPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
const uuidText = new RegExp(uuidPattern)

export const isUuid = (text: string): boolean => uuidText.test(text)

/** An id that follows from a name alone, the same on every hub: a version 8 UUID (RFC 9562, section 5.8) over SHA-256. */
export const uuidOf = (name: string): string => {
  const hex = hash('sha256', name)
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** The golden party that begins with this source record; it keeps the id when others join it. */
export const partyIdOf = (founder: SourceKey): PartyId => uuidOf(`party ${founder}`) as PartyId
