import { mkdir, open, rename } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { Type, type Static } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { lazily } from '../../schemas/lazily.js'
import { fail, ok } from '../../schemas/result.js'
import { sentenceOf } from '../../schemas/schema-sentence.js'
import type { Delivery, DeliveryFailure, DeliveryResult, Outbound, OutboundLine } from '../contract.js'

const settingsSchema = Type.Object({ folder: Type.String({ minLength: 1, maxLength: 4_000 }) }, { additionalProperties: false })

const validator = lazily(() => new Ajv({ allErrors: false }).compile<Static<typeof settingsSchema>>(settingsSchema))

export const makeOutbound = (): Outbound => ({
  open: (settings) => {
    const validate = validator()
    if (!validate(settings)) {
      const error = validate.errors?.[0]
      const unknown: unknown = error?.params['additionalProperty']
      return fail('config-invalid', typeof unknown === 'string' ? unknown : (error?.instancePath ?? '').slice(1), error === undefined ? 'The settings are not valid.' : sentenceOf(error, 'setting'))
    }
    return isAbsolute(settings.folder) ? ok(lineTo(settings.folder)) : fail('config-invalid', 'folder', 'This takes the absolute path of a folder.')
  },
  close: () => Promise.resolve(),
})

/** One that is written again under its id takes the place of the first, so that a repeat leaves one file. */
const lineTo = (folder: string): OutboundLine => ({
  deliver: async ({ payload, place }: Delivery): Promise<DeliveryResult> => {
    if (payload === undefined || payload.type === 'tree' || place === undefined) return refused('value-invalid', 'payload', 'A file takes bytes and the place of their delivery.')
    const name = `${place.id}.${payload.type}`
    try {
      await mkdir(folder, { recursive: true, mode: 0o750 })
      await writeWhole(join(folder, `.${name}.part`), payload.bytes)
      // Whoever looks for files never sees half a one.
      await rename(join(folder, `.${name}.part`), join(folder, name))
      return { ok: true, value: { status: 200, body: new Uint8Array(), answer: undefined } }
    } catch (error) {
      return { ...refused('partner-unreachable', folder, `The file cannot be written (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'}).`), retry: true }
    }
  },
})

const writeWhole = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'w', 0o640)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

const refused = (code: 'value-invalid' | 'partner-unreachable', at: string, detail: string): DeliveryFailure => ({ ...fail(code, at, detail), retry: false, mayHaveTakenEffect: false })
