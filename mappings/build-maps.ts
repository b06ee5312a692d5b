import { writeFile } from 'node:fs/promises'
import { projectFolder } from '../schemas/project-folder.js'
import { keyOf, readMapFile } from './engine/built-maps.js'
import type { Located } from './engine/located-yaml.js'
import { loadTranslator } from './engine/translator.js'

// A step of the build: compiles every map, so that a wrong one fails here, and keeps what was read for the start of the hub.
const read: Record<string, Located> = {}
const loaded = await loadTranslator(projectFolder('mappings'), (text, file) => {
  const result = readMapFile(text, file)
  if (result.ok) read[keyOf(text, file)] = result.value.located
  return result
})
if (loaded.ok) {
  await writeFile(projectFolder('dist', 'mappings', 'maps.json'), JSON.stringify(read))
} else {
  console.error(`${loaded.at}: ${loaded.detail}`)
  process.exitCode = 1
}
