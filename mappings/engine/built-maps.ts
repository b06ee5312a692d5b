import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ok, type Result } from '../../schemas/result.js'
import { readLocatedYaml, type Located } from './located-yaml.js'

/** Reads a YAML file of a map; `checked` when the build has compiled every map of this text, so that compiling it can wait and cannot fail. */
export type ReadMapFile = (text: string, file: string) => Result<{ readonly located: Located, readonly checked: boolean }>

export const readMapFile: ReadMapFile = (text, file) => {
  const located = readLocatedYaml(text, file)
  return located.ok ? ok({ located: located.value, checked: false }) : located
}

/**
 * Takes what the build has read where a file is still as the build found it, since reading YAML takes most of the time that maps need at a start;
 * any other file is read anew. `builtFile` is what {@link buildMaps} wrote; without one every file is read.
 */
export const readBuiltMapFile = async (builtFile: string): Promise<ReadMapFile> => {
  const text = await readFile(builtFile, 'utf8').catch(() => undefined)
  if (text === undefined) return readMapFile
  // Ours, written by the build beside the code that reads it.
  const built = new Map(Object.entries(JSON.parse(text) as Readonly<Record<string, Located>>))
  return (yaml, file) => {
    const located = built.get(keyOf(yaml, file))
    return located === undefined ? readMapFile(yaml, file) : ok({ located, checked: true })
  }
}

/** Under which a file is kept: SHA-256 over its name, which its places carry, and its text. */
export const keyOf = (text: string, file: string): string => createHash('sha256').update(`${file}\0${text}`).digest('base64url')
