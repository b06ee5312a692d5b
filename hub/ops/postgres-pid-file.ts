import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** What postmaster.pid of a running server says; `ready` once it takes connections. */
export interface PidFile {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

const openPidFile = (cluster: string, flags: number) => open(join(cluster, 'postmaster.pid'), flags | constants.O_NOFOLLOW)

const readText = async (cluster: string): Promise<string | undefined> => {
  const file = await openPidFile(cluster, constants.O_RDONLY).catch(() => undefined)
  try {
    return await file?.readFile('utf8')
  } finally {
    await file?.close()
  }
}

export const readPidFile = async (cluster: string): Promise<PidFile | undefined> => {
  const lines = (await readText(cluster))?.split('\n')
  const pid = Number(lines?.[0])
  if (lines === undefined || !Number.isSafeInteger(pid) || pid <= 0) return undefined
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' }
}

const pidOfNobody = '2147483647'

/**
 * Makes the file of a dead server say so, when its process number has gone to a stranger, for whose sake PostgreSQL
 * would refuse to start. The rest stays: PostgreSQL looks itself whether orphaned back ends still hold its memory.
 */
export const disownPidFile = async (cluster: string): Promise<void> => {
  const text = await readText(cluster)
  if (text === undefined) return
  const file = await openPidFile(cluster, constants.O_WRONLY | constants.O_TRUNC)
  try {
    await file.writeFile(text.replace(/^\d+/, pidOfNobody))
  } finally {
    await file.close()
  }
}
