import { spawn } from 'node:child_process'
import type { PostgresAccount } from './postgres-account.js'

/** Where and as whom a program of PostgreSQL runs. The working folder is entered before root is given up. */
export interface ProgramPlace {
  readonly cwd: string
  readonly account: PostgresAccount | undefined
}

/**
 * Nothing of the hub's own environment (PGDATA, LC_ALL, …) may reach PostgreSQL. The last three are glibc's (mallopt(3)): left to itself it gives what a statement took back to the system behind
 * each and takes it anew for the next, which was a seventh of what a commit costs; so a back end keeps up to 8 MB.
 */
export const programEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', MALLOC_TRIM_THRESHOLD_: '8388608', MALLOC_MMAP_THRESHOLD_: '4194304', MALLOC_TOP_PAD_: '1048576' } as const

/** The options of `spawn` that every program of PostgreSQL shares; its own session, so that Ctrl-C does not hit it. */
export const programOptions = ({ cwd, account }: ProgramPlace) => ({
  cwd,
  detached: true,
  env: programEnvironment,
  ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
})

/** Runs a program to its end, with `input` as its standard input. `failure` is what it printed, or why it could not run. */
export const runProgram = async (file: string, args: readonly string[], place: ProgramPlace, input = ''): Promise<{ readonly failure: string | undefined }> => {
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(file, args, { ...programOptions(place), stdio: 'pipe' })
      const printed: Buffer[] = []
      const keep = (chunk: Buffer) => { printed.push(chunk) }
      child.stdout.on('data', keep)
      child.stderr.on('data', keep)
      child.stdin.on('error', () => undefined)
      child.on('error', reject)
      child.on('close', (code, signal) => {
        const output = Buffer.concat(printed).toString().trim()
        resolve({ failure: code === 0 ? undefined : output === '' ? `it ended with ${code ?? signal ?? 'no status'}` : output })
      })
      child.stdin.end(input)
    })
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}
