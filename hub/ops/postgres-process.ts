import { readFile, readlink, realpath } from 'node:fs/promises'

/** A process that lives, told from a later one of the same number by when it started (clock ticks since boot; '' where the system does not say). */
export interface ProcessMark {
  readonly pid: number
  readonly startedAt: string
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The process of this number, or undefined when there is none or it only waits to be reaped. */
export const findProcess = async (pid: number): Promise<ProcessMark | undefined> => {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // The name in parentheses may hold anything; after it the state is field 3 and the start time field 22 (proc(5)).
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : { pid, startedAt: fields[19] ?? '' }
}

export const markText = (mark: ProcessMark): string => `${mark.pid}:${mark.startedAt}`

/** Whether the process lives still that `markText` described; what follows the mark after another colon does not matter. */
export const isMarkAlive = async (text: string): Promise<boolean> => {
  const [pid = '', startedAt = ''] = text.split(':')
  const found = await findProcess(Number(pid))
  return found !== undefined && found.startedAt === startedAt
}

/** Whether a process has the folder as its working folder, as the servers of that cluster have; undefined where the system does not say. */
export const worksIn = async (pid: number, folder: string): Promise<boolean | undefined> => {
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
  return cwd === undefined ? undefined : cwd === await realpath(folder)
}

/** Waits until the process is gone; false when it still lives after `timeoutMs`. */
export const waitForEnd = async (pid: number, timeoutMs: number): Promise<boolean> => {
  const deadline = Date.now() + timeoutMs
  while (await findProcess(pid) !== undefined) {
    if (Date.now() > deadline) return false
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return true
}
