import { createHash, timingSafeEqual } from 'node:crypto'
import type { UsernameToken } from '../../schemas/credentials.js'

/**
 * Whether a token shows this password: as text, or as Base64(SHA-1(nonce + created + password)) (OASIS UsernameToken Profile 1.1,
 * section 3.1). Takes as long whatever is wrong.
 */
export const checkPassword = ({ password, nonce, created }: UsernameToken, expected: string): boolean => {
  const shown = password.type === 'text' ? sha256(password.text) : Buffer.from(password.text.trim(), 'base64')
  const wanted = password.type === 'text' ? sha256(expected) : createHash('sha1').update(nonce ?? '').update(created ?? '', 'utf8').update(expected, 'utf8').digest()
  return shown.length === wanted.length && timingSafeEqual(shown, wanted)
}

/** Of one length, so that comparing tells nothing of it. */
const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest()
