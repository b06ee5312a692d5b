import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lazily } from '../../schemas/lazily.js'
import { ok, type Result } from '../../schemas/result.js'
import { readLocatedYaml, type Located } from './located-yaml.js'

/** A YAML file that was read; `checked` when the build has compiled every map of this text, so that compiling it can wait and cannot fail. */
export interface ReadMap {
  readonly located: Located
  readonly checked: boolean
}

export type ReadMapFile = (text: string, file: string) => Result<ReadMap>

export const readMapFile: ReadMapFile = (text, file) => {
  const located = readLocatedYaml(text, file)
  return located.ok ? ok({ located: located.value, checked: false }) : located
}

/**
 * Takes what the build has read where a file is still as the build found it, since reading YAML takes most of the time that maps need at a start;
 * any other file is read anew. `builtFile` is what the build wrote, and the folder of the same name holds what is long and not needed at a start; without
 * one every file is read.
 */
export const readBuiltMapFile = async (builtFile: string): Promise<ReadMapFile> => {
  const text = await readFile(builtFile, 'utf8').catch(() => undefined)
  if (text === undefined) return readMapFile
  // Ours, written by the build beside the code that reads it.
  const built = new Map(Object.entries(JSON.parse(text) as Readonly<Record<string, Located | null>>))
  const folder = laterFolder(builtFile)
  return (yaml, file) => {
    const key = keyOf(yaml, file)
    const located = built.get(key)
    if (located === undefined) return readMapFile(yaml, file)
    return ok(located === null ? laterMap(join(folder, `${key}.json`)) : { located, checked: true })
  }
}

/** Where the build puts what a start does not need. */
export const laterFolder = (builtFile: string): string => builtFile.replace(/\.json$/, '')

const laterMap = (file: string): ReadMap => {
  const read = lazily(() => JSON.parse(readFileSync(file, 'utf8')) as Located)
  return { get located() { return read() }, checked: true }
}

/** Under which a file is kept: SHA-256 over its name, which its places carry, and its text. */
export const keyOf = (text: string, file: string): string => createHash('sha256').update(`${file}\0${text}`).digest('base64url')
