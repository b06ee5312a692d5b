import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectFolder } from '../schemas/project-folder.js'
import { keyOf, laterFolder, readMapFile } from './engine/built-maps.js'
import { isDescriptionFile } from './engine/format-folder.js'
import type { Located } from './engine/located-yaml.js'
import { loadTranslator } from './engine/translator.js'

// A step of the build: compiles every map and description, so that a wrong one fails here, and keeps what was read for the start of the hub.
// Descriptions, which are long and not needed before the first document comes, go into files of their own.
const read: Record<string, Located | null> = {}
const later: Record<string, Located> = {}
const loaded = await loadTranslator(projectFolder('mappings'), (text, file) => {
  const result = readMapFile(text, file)
  if (!result.ok) return result
  const key = keyOf(text, file)
  const apart = isDescriptionFile(file.slice(file.indexOf('/') + 1))
  read[key] = apart ? null : result.value.located
  if (apart) later[key] = result.value.located
  return result
})
if (loaded.ok) {
  const builtFile = projectFolder('dist', 'mappings', 'maps.json')
  const folder = laterFolder(builtFile)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await Promise.all(Object.entries(later).map(([key, located]) => writeFile(join(folder, `${key}.json`), JSON.stringify(located))))
  await writeFile(builtFile, JSON.stringify(read))
} else {
  console.error(`${loaded.at}: ${loaded.detail}`)
  process.exitCode = 1
}
