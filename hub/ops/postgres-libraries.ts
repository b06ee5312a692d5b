import { mkdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

interface LibraryLink {
  readonly source: string
  readonly target: string
}

const isLibraryLink = (value: unknown): value is LibraryLink =>
  typeof value === 'object' && value !== null && 'source' in value && typeof value.source === 'string' && 'target' in value && typeof value.target === 'string'

const withoutTop = (path: string) => path.replace(/^native\//, '')

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code

/**
 * Makes the shared libraries' links under `nativeFolder` that npm cannot carry: the package lists them in
 * pg-symlinks.json and makes them in its install script, which `npm --ignore-scripts` leaves out. Links that are there stay.
 */
export const linkLibraries = async (nativeFolder: string): Promise<void> => {
  const text = await readFile(join(nativeFolder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const listed: unknown = JSON.parse(text)
  const links = Array.isArray(listed) ? listed.filter(isLibraryLink) : []
  for (const link of links) {
    const target = join(nativeFolder, withoutTop(link.target))
    const source = relative(dirname(target), join(nativeFolder, withoutTop(link.source)))
    await mkdir(dirname(target), { recursive: true })
    await symlink(source, target).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
  }
}
