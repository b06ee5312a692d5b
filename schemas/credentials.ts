/** What a caller showed to prove who it is. */
export type Credentials =
  | { readonly type: 'none' }
  | { readonly type: 'bearer', readonly token: string }

/** What an Authorization header shows (RFC 6750, section 2.1); another scheme than Bearer shows nothing to the hub. */
export const readCredentials = (authorization: string | undefined): Credentials => {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  return token === undefined ? { type: 'none' } : { type: 'bearer', token }
}
