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

const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** The absolute path of a folder of code as it runs now: among the sources, or built, where `dist/` has the modules that are looked up at the same place. */
export const runningFolder = (...segments: readonly string[]): string => projectFolder(...(ending === '.ts' ? [] : ['dist']), ...segments)

/** The absolute path of a module as it runs now, given without its ending: `runningModule('connectors', 'http', 'connector')`. */
export const runningModule = (...segments: readonly string[]): string => `${runningFolder(...segments)}${ending}`
