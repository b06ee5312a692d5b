import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readClientSettings } from '../config.js'
import { exitCodes, textFlag, type ExitCode } from './command.js'

/** The running hub as commands see it. */
export interface HubClient {
  readonly request: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options?: { readonly body?: string | Uint8Array, readonly headers?: Readonly<Record<string, string>> }) => Promise<Response>
}

type Flags = Readonly<Record<string, string | boolean | undefined>>

/** The file in the data folder by which `start` tells commands where the hub is. */
export const hubFile = (dataFolder: string): string => join(dataFolder, 'hub.json')

/** Finds the hub by flags, environment or data folder; throws when none says where it is. */
export const hubClient = (flags: Flags): HubClient => {
  const settings = readClientSettings()
  const left = leftBehind(resolve(textFlag(flags['data']) ?? settings.dataFolder))
  const url = textFlag(flags['url']) ?? settings.url ?? left?.url
  const key = textFlag(flags['key']) ?? settings.key ?? left?.key
  if (url === undefined) throw new Error('No hub runs here: start one with `chainhub start`, or say --url and --key.')
  return {
    request: (method, path, options = {}) => fetch(new URL(path, url), {
      method,
      headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...options.headers },
      ...(options.body === undefined ? {} : { body: Buffer.from(options.body) }),
    }),
  }
}

const leftBehind = (dataFolder: string): { readonly url?: string, readonly key?: string } | undefined => {
  const file = hubFile(dataFolder)
  if (!existsSync(file)) return undefined
  const left: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return typeof left === 'object' && left !== null ? left : undefined
}

/** Runs work that talks to the hub; a hub that cannot be reached is said in one line. */
export const withHub = async (flags: Flags, work: (hub: HubClient) => Promise<ExitCode>): Promise<ExitCode> => {
  try {
    return await work(hubClient(flags))
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
    console.error(`The hub cannot be reached: ${error instanceof Error ? error.message : String(error)}${cause}`)
    return exitCodes.unreachable
  }
}

/** Prints an answer's JSON, or its problem on standard error; gives the exit code. */
export const printAnswer = async (answer: Response): Promise<ExitCode> => {
  const text = await answer.text()
  if (answer.ok) console.log(pretty(text))
  else console.error(pretty(text))
  return exitCodeOf(answer)
}

const exitCodeOf = (answer: Response): ExitCode => (answer.ok ? exitCodes.done : answer.status >= 500 ? exitCodes.unreachable : exitCodes.refused)

const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
