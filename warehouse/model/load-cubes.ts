import { readdir } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { runningFolder } from '../../schemas/project-folder.js'
import type { Cube } from './cube.js'

/** Imports every cube of a folder, in the order of the file names. Throws for a file that exports no `cube`. */
export const loadCubes = async (folder = pathToFileURL(`${runningFolder('warehouse', 'model', 'cubes')}/`)): Promise<readonly Cube[]> => {
  const files = (await readdir(folder)).filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts')).sort()
  return Promise.all(files.map(async (file) => {
    const module: unknown = await import(new URL(file, folder).href)
    if (!hasCube(module)) throw new Error(`${file} in the folder of cubes exports no cube with a name of its own.`)
    return module.cube
  }))
}

const hasCube = (module: unknown): module is { readonly cube: Cube } => {
  if (typeof module !== 'object' || module === null || !('cube' in module)) return false
  const { cube } = module
  return typeof cube === 'object' && cube !== null && 'name' in cube && typeof cube.name === 'string' && /^[a-z][a-z0-9-]*$/.test(cube.name) && 'rowsOf' in cube
}
