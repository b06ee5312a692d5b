import { randomBytes } from 'node:crypto'
import { chown, lchown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { PostgresAccount } from './postgres-account.js'
import type { PostgresBinaries } from './postgres-binaries.js'
import { findProcess } from './postgres-process.js'
import { runProgram } from './postgres-program.js'

export const superuser = 'chainhub'

/**
 * What lies in the data folder: `server` holds the password and, beside it, the cluster, which alone belongs to the
 * account of PostgreSQL; the two come into being together, by one rename.
 */
export const dataFolderPaths = (dataFolder: string) => ({
  server: join(dataFolder, 'server'),
  cluster: join(dataFolder, 'server', 'cluster'),
  password: join(dataFolder, 'server', 'password'),
  log: join(dataFolder, 'postgres.log'),
})

/**
 * How PostgreSQL is told its cluster, given that it is started in it. Its account may have no way to the folder by
 * name, where an ancestor is closed to it; by its working folder it has.
 */
export const clusterArgument = (cluster: string, account: PostgresAccount | undefined): string =>
  account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : cluster

const initdbArguments = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--auth=scram-sha-256', '--pwprompt', '--no-instructions', `--username=${superuser}`]

/** Removes what starts left that were killed half-way: what is named `….new-` and the number of a process that is gone. */
const removeAbandoned = async (dataFolder: string): Promise<void> => {
  for (const name of await readdir(dataFolder)) {
    const pid = /^(?:server|postgres\.log)\.new-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && await findProcess(Number(pid)) === undefined) await rm(join(dataFolder, name), { recursive: true, force: true })
  }
}

const createServer = async (dataFolder: string, binaries: PostgresBinaries, account: PostgresAccount | undefined): Promise<Result<void>> => {
  const fresh = join(dataFolder, `server.new-${process.pid}-${randomBytes(4).toString('hex')}`)
  const cluster = join(fresh, 'cluster')
  const password = randomBytes(24).toString('hex')
  await mkdir(cluster, { recursive: true, mode: 0o700 })
  if (account !== undefined) await chown(cluster, account.uid, account.gid)
  await writeFile(join(fresh, 'password'), password, { mode: 0o600, flush: true })
  // Without a terminal, which its own session does not have, initdb reads the password and its repetition from standard input.
  const { failure } = await runProgram(binaries.initdb, [...initdbArguments, '-D', clusterArgument(cluster, account)], { cwd: cluster, account }, `${password}\n${password}\n`)
  if (failure === undefined) await rename(fresh, join(dataFolder, 'server')).catch(() => undefined)
  await rm(fresh, { recursive: true, force: true })
  return failure === undefined ? ok(undefined) : fail('database-unavailable', 'postgres', `The database cluster cannot be made in ${dataFolder}: ${failure}`)
}

const giveTree = async (folder: string, account: PostgresAccount): Promise<void> => {
  await lchown(folder, account.uid, account.gid)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await giveTree(path, account)
    else await lchown(path, account.uid, account.gid)
  }
}

/** Makes the cluster where there is none, gives it to the account where it is another's, and answers the superuser's password. */
export const prepareDataFolder = async (dataFolder: string, binaries: PostgresBinaries, account: PostgresAccount | undefined): Promise<Result<string>> => {
  const paths = dataFolderPaths(dataFolder)
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  await removeAbandoned(dataFolder)
  if (await stat(paths.server).catch(() => undefined) === undefined) {
    const created = await createServer(dataFolder, binaries, account)
    if (!created.ok) return created
  }
  const found = await stat(paths.cluster)
  // Copied or restored by root.
  if (account !== undefined && found.uid !== account.uid) await giveTree(paths.cluster, account)
  return ok((await readFile(paths.password, 'utf8')).trim())
}
