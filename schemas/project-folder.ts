import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The absolute path of a place in the project, whether the code runs from its sources or built: migrations, maps and WSDLs stay where they are written. */
export const projectFolder = (...segments: readonly string[]): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error('No package.json above the running code.')
    folder = above
  }
  return join(folder, ...segments)
}
