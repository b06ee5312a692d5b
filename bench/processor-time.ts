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

const allStats = async (): Promise<ReadonlyMap<number, ProcessStat>> => {
  const names = await readdir('/proc').catch(() => [])
  const stats = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(async (name) => [Number(name), await statOf(Number(name))] as const))
  return new Map(stats.flatMap(([pid, stat]) => (stat === undefined ? [] : [[pid, stat] as const])))
}

/** The processor time, in ms, that a process and its children have used so far; 0 where there is no /proc. */
export const processorMs = async (pid: number): Promise<number> => {
  const stats = await allStats()
  const ticks = [...stats].reduce((sum, [own, stat]) => (own === pid || stat.parent === pid ? sum + stat.ticks : sum), 0)
  return ticks * 1000 / ticksPerSecond
}

/** The processor time, in ms, of a process itself and of all that descend from it: of a hub, and of the PostgreSQL that it started. */
export const familyMs = async (pid: number): Promise<{ readonly own: number, readonly others: number }> => {
  const stats = await allStats()
  const descends = (from: number): boolean => {
    const parent = stats.get(from)?.parent ?? 0
    return parent === pid || (parent > 1 && descends(parent))
  }
  const others = [...stats].reduce((sum, [each, { ticks }]) => (descends(each) ? sum + ticks : sum), 0)
  return { own: (stats.get(pid)?.ticks ?? 0) * 1000 / ticksPerSecond, others: others * 1000 / ticksPerSecond }
}
