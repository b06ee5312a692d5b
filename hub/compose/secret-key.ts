import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.js'

const keyLength = 32

/**
 * The key under which secrets are sealed, read when it is first needed: the setting's, else that of the file `secret.key` in the data
 * folder (Base64, mode 600), which is made where there is none. Throws where the file holds no key.
 */
export const openSecretKey = ({ secretKey, dataFolder }: Pick<Config, 'secretKey' | 'dataFolder'>): (() => Uint8Array) => {
  let key = secretKey
  return () => (key ??= readOrMake(dataFolder, join(dataFolder, 'secret.key')))
}

const readOrMake = (folder: string, file: string): Uint8Array => {
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    try {
      writeFileSync(file, `${randomBytes(keyLength).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      // Another process made it in between.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
  const key = Buffer.from(readFileSync(file, 'utf8'), 'base64')
  if (key.length !== keyLength) throw new Error(`${file} holds no key of ${keyLength} bytes in Base64; put back the file that the passwords were sealed under.`)
  return key
}
