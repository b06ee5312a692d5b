import { spawn } from 'node:child_process'
import type { PostgresAccount } from './postgres-account.js'

/** Where and as whom a program of PostgreSQL runs. The working folder is entered before root is given up. */
export interface ProgramPlace {
  readonly cwd: string
  readonly account: PostgresAccount | undefined
}

/** Nothing of the hub's own environment (PGDATA, LC_ALL, …) may reach PostgreSQL. */
export const programEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } as const

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
