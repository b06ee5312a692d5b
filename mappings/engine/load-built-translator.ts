import { resolve } from 'node:path'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { readBuiltMapFile } from './built-maps.js'
import { loadTranslator, type Translator } from './translator.js'

/** The translator of the project's own formats, with what the build has prepared of them, and of those in a folder of one's own. Fails as loadTranslator does. */
export const loadBuiltTranslator = async (ownFolder?: string): Promise<Result<Translator>> => {
  const folder = projectFolder('mappings')
  const folders = ownFolder === undefined || resolve(ownFolder) === folder ? [folder] : [folder, resolve(ownFolder)]
  return loadTranslator(folders, await readBuiltMapFile(projectFolder('dist', 'mappings', 'maps.json')))
}
