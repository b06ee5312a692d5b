import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Keeps texts so that only who has the key can read them. */
export interface Seal {
  /** `owner` is bound to the text: what was sealed for one is not opened for another. */
  readonly seal: (text: string, owner: string) => Uint8Array
  /** Throws where the text was sealed under another key or for another owner, or was changed. */
  readonly open: (sealed: Uint8Array, owner: string) => string
}

const algorithm = 'aes-256-gcm'
const ivLength = 12
const tagLength = 16

/** AES-256-GCM (NIST SP 800-38D) with a new IV each time: IV, tag and ciphertext in one. `key` has 32 bytes. */
export const makeSeal = (key: () => Uint8Array): Seal => ({
  seal: (text, owner) => {
    const iv = randomBytes(ivLength)
    const cipher = createCipheriv(algorithm, key(), iv).setAAD(Buffer.from(owner, 'utf8'))
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), ciphertext])
  },
  open: (sealed, owner) => {
    const decipher = createDecipheriv(algorithm, key(), sealed.subarray(0, ivLength)).setAAD(Buffer.from(owner, 'utf8'))
    decipher.setAuthTag(sealed.subarray(ivLength, ivLength + tagLength))
    try {
      return Buffer.concat([decipher.update(sealed.subarray(ivLength + tagLength)), decipher.final()]).toString('utf8')
    } catch (error) {
      throw new Error('A sealed secret does not open: put back the secret.key of the data folder, or the CHAINHUB_SECRET_KEY, that it was sealed under.', { cause: error })
    }
  },
})
