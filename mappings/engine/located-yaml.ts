import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { fail, ok, type Result } from '../../schemas/result.js'

/** A YAML value with the place `file:line` where it stands; scalars are text. */
export type Located =
  | { readonly at: string, readonly kind: 'text', readonly text: string | undefined }
  | { readonly at: string, readonly kind: 'list', readonly items: readonly Located[] }
  | { readonly at: string, readonly kind: 'map', readonly entries: readonly LocatedEntry[] }

interface LocatedEntry {
  readonly at: string
  readonly key: string
  readonly value: Located
}

/** Reads one YAML document without aliases. `undefined` stands for an empty value. Fails with mapping-invalid at `file:line`. */
export const readLocatedYaml = (text: string, file: string): Result<Located> => {
  const lines = new LineCounter()
  // Every scalar stays the text that was written: 2.1 is no number and no is no boolean.
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe' })
  const placeOf = (offset: number): string => `${file}:${lines.linePos(offset).line}`
  const error = document.errors[0]
  if (error !== undefined) return fail('mapping-invalid', placeOf(error.pos[0]), error.message.split('\n')[0] ?? error.message)
  const convert = (node: unknown, near: number): Located => {
    if (isScalar(node)) {
      const value = typeof node.value === 'string' && node.value !== '' && node.value !== '~' ? node.value : undefined
      return { at: placeOf(node.range?.[0] ?? near), kind: 'text', text: value }
    }
    if (isSeq(node)) return { at: placeOf(node.range?.[0] ?? near), kind: 'list', items: node.items.map((item) => convert(item, node.range?.[0] ?? near)) }
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }) => {
        const start = isScalar(key) ? key.range?.[0] ?? near : near
        return { at: placeOf(start), key: isScalar(key) ? String(key.value) : '', value: convert(value, start) }
      })
      return { at: placeOf(node.range?.[0] ?? near), kind: 'map', entries }
    }
    return { at: placeOf(near), kind: 'text', text: undefined }
  }
  return ok(convert(document.contents, 0))
}

/** The value of one key of a map. */
export const entryOf = (located: Located, key: string): Located | undefined =>
  located.kind === 'map' ? located.entries.find((entry) => entry.key === key)?.value : undefined

/** The text of one key of a map. */
export const textOf = (located: Located, key: string): string | undefined => {
  const value = entryOf(located, key)
  return value?.kind === 'text' ? value.text : undefined
}

/** A text, or a list of texts, as a list. */
export const textsOf = (located: Located | undefined): readonly string[] => {
  if (located === undefined) return []
  if (located.kind === 'text') return located.text === undefined ? [] : [located.text]
  return located.kind === 'list' ? located.items.flatMap(textsOf) : []
}
