import { existsSync, readFileSync } from 'node:fs'

interface Slices {
  readonly ms: number
  /** The most processor time that this thread used between two turns of its event loop; other work on the machine doesn't count. */
  readonly longestCpuMs: number
  /** The longest time between two turns by the clock, waiting for a processor included. */
  readonly longestMs: number
}

/** Nanoseconds that the main thread has run (Linux, Documentation/scheduler/sched-stats); the clock's where there is no /proc. */
const runNs = (): number => {
  const file = `/proc/self/task/${process.pid}/schedstat`
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) : performance.now() * 1e6
}

/** Watches the event loop of the main thread while work is done. */
export const longestSlice = async (work: () => Promise<unknown>): Promise<Slices> => {
  const startedMs = performance.now()
  let [lastMs, lastNs, longestMs, longestCpuMs, watching] = [startedMs, runNs(), 0, 0, true]
  const look = (): void => {
    const [nowMs, nowNs] = [performance.now(), runNs()]
    longestMs = Math.max(longestMs, nowMs - lastMs)
    longestCpuMs = Math.max(longestCpuMs, (nowNs - lastNs) / 1e6)
    lastMs = performance.now()
    lastNs = runNs()
    if (watching) setTimeout(look, 0)
  }
  look()
  await work()
  watching = false
  const ms = performance.now() - startedMs
  look()
  return { ms, longestCpuMs, longestMs }
}
