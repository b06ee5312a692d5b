import type { Credentials } from '../../connectors/contract.js'

/** The credentials of an Authorization header (RFC 6750, section 2.1). */
export const credentialsOf = (authorization: string | undefined): Credentials => {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  return token === undefined ? { type: 'none' } : { type: 'bearer', token }
}
