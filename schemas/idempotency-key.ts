/** Longest idempotency key of every way in, in characters. */
export const mostKeyCharacters = 255

/** The form of a key where it comes as a header or over the wire: printable ASCII without spaces at its ends. chainhub.xsd says the same. */
export const idempotencyKeyPattern = `^[!-~]([ -~]{0,${mostKeyCharacters - 2}}[!-~])?$`
