import type { DeliveryPlace } from '../contract.js'

/** What tells a partner repeats and gaps over HTTP; the key's characters outside of printable ASCII, and %, are percent-encoded. */
export const placeHeaders = (place: DeliveryPlace | undefined): Readonly<Record<string, string>> => (place === undefined ? {} : {
  'idempotency-key': place.id,
  'chainhub-key': place.key.replace(/[^\x21-\x24\x26-\x7e]/gu, encodeURIComponent),
  'chainhub-sequence': String(place.sequence),
})
