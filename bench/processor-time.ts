import { readdir, readFile } from 'node:fs/promises'

/** Ticks a second in which Linux counts processor time for user space (man 5 proc). */
const ticksPerSecond = 100

interface ProcessStat {
  readonly parent: number
  /** Its own and that of its children which have ended. */
  readonly ticks: number
}

/** Fields of /proc/PID/stat behind the name, which may hold blanks and parentheses itself. Undefined once the process is gone. */
const statOf = async (pid: number): Promise<ProcessStat | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ').map(Number)
  if (fields === undefined) return undefined
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15)
  return { parent: fields[1] ?? 0, ticks: user + system + endedUser + endedSystem }
}

/** The processor time, in ms, that a process and its children have used so far; 0 where there is no /proc. */
export const processorMs = async (pid: number): Promise<number> => {
  const names = await readdir('/proc').catch(() => [])
  const stats = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(async (name) => ({ pid: Number(name), stat: await statOf(Number(name)) })))
  const ticks = stats.reduce((sum, { pid: own, stat }) => (stat !== undefined && (own === pid || stat.parent === pid) ? sum + stat.ticks : sum), 0)
  return ticks * 1000 / ticksPerSecond
}
