import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { readBuiltMapFile } from './built-maps.js'
import { loadTranslator, type Translator } from './translator.js'

/** The translator of the project's own formats, with what the build has prepared of them. Fails as loadTranslator does. */
export const loadBuiltTranslator = async (): Promise<Result<Translator>> =>
  loadTranslator(projectFolder('mappings'), await readBuiltMapFile(projectFolder('dist', 'mappings', 'maps.json')))
