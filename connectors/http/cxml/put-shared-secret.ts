import { fail, ok, type Result } from '../../../schemas/result.js'

/** The first credential of the Sender, up to its identity, and a secret that stands there already. */
const senderCredential = /(<Sender>\s*<Credential\b[^>]*>\s*<Identity\b[^>]*>[^<]*<\/Identity>)(?:\s*<SharedSecret\b[^>]*>[^<]*<\/SharedSecret>|\s*<SharedSecret\s*\/>)?/

const mostHeader = 65_536

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Puts the secret that the two sides share into a cXML document as it leaves (cXML 1.2, Header/Sender/Credential/SharedSecret). Fails with value-invalid where it has no such place. */
export const putSharedSecret = (bytes: Uint8Array, secret: string): Result<Uint8Array> => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const found = senderCredential.exec(text.slice(0, mostHeader))
  if (found === null) return fail('value-invalid', 'Header/Sender/Credential', 'The document has no credential of a Sender to which the shared secret could be put.')
  const [whole, credential = ''] = found
  return ok(Buffer.from(`${text.slice(0, found.index)}${credential}<SharedSecret>${escaped(secret)}</SharedSecret>${text.slice(found.index + whole.length)}`, 'utf8'))
}

/** Stars in the place of each secret, as it is and as XML and JSON write it. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.flatMap((secret) => [secret, escaped(secret), JSON.stringify(secret).slice(1, -1)]).reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
