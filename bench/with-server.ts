import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface BenchServer {
  readonly port: number
  readonly pid: number
}

/** Runs a server as a process of its own until `work` is done; it says `ready …PORT` on a line once it listens. */
export const withServer = async <T>(args: readonly string[], environment: Readonly<Record<string, string>>, work: (server: BenchServer) => Promise<T>): Promise<T> => {
  const child = spawn(process.execPath, [...args], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    return await work({ port: await portOf(child), pid: child.pid ?? 0 })
  } finally {
    await ended(child)
  }
}

const portOf = async (child: ChildProcess): Promise<number> => {
  if (child.stdout === null) throw new Error('The server has no output.')
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^ready .*?(\d+)$/.exec(line)?.[1]
    if (port !== undefined) {
      child.stdout.resume()
      return Number(port)
    }
  }
  throw new Error('The server ended before it was ready.')
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => {
  if (child.exitCode !== null) {
    resolve()
    return
  }
  child.once('exit', () => { resolve() })
  child.kill('SIGTERM')
})
