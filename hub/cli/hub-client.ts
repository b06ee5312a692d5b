import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { join, resolve } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { readClientSettings } from '../config.js'
import { exitCodes, textFlag, type ExitCode, type Flags } from './command.js'

/** The running hub as commands see it. */
export interface HubClient {
  readonly request: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options?: { readonly body?: string | Uint8Array, readonly headers?: Readonly<Record<string, string>> }) => Promise<Response>
  /** Waits for the answer as long as it takes. */
  readonly post: (path: string) => Promise<Response>
  /** Sends a file while it is read, and waits for the answer as long as it takes. */
  readonly sendFile: (path: string, file: string, headers: Readonly<Record<string, string>>) => Promise<Response>
}

/** The file in the data folder by which `start` tells commands where the hub is. */
export const hubFile = (dataFolder: string): string => join(dataFolder, 'hub.json')

/** Finds the hub by flags, environment or data folder; throws when none says where it is. */
export const hubClient = (flags: Flags): HubClient => {
  const settings = readClientSettings()
  const left = leftBehind(resolve(textFlag(flags['data']) ?? settings.dataFolder))
  const url = textFlag(flags['url']) ?? settings.url ?? left?.url
  const key = textFlag(flags['key']) ?? settings.key ?? left?.key
  if (url === undefined) throw new Error('No hub runs here: start one with `chainhub start`, or say --url and --key.')
  const authorization: Readonly<Record<string, string>> = key === undefined ? {} : { authorization: `Bearer ${key}` }
  return {
    post: (path) => post(new URL(path, url), { ...authorization, 'content-length': 0 }, Readable.from([])),
    sendFile: async (path, file, headers) => post(new URL(path, url), { ...authorization, ...headers, 'content-length': (await stat(file)).size }, createReadStream(file)),
    request: (method, path, options = {}) => fetch(new URL(path, url), {
      method,
      headers: { ...authorization, ...options.headers },
      ...bodyOf(options.body),
    }),
  }
}

/** What is sent while it is read needs `duplex` (Fetch standard, section 5.4). */
const bodyOf = (body: string | Uint8Array | ReadableStream<Uint8Array> | undefined): RequestInit & { readonly duplex?: 'half' } => {
  if (body === undefined) return {}
  return body instanceof ReadableStream ? { body, duplex: 'half' } : { body: Buffer.from(body) }
}

/** Not by fetch, which gives up on an answer after five minutes. */
const post = (url: URL, headers: Readonly<Record<string, string | number>>, body: Readable): Promise<Response> => new Promise((resolve, reject) => {
  const request = (url.protocol === 'https:' ? https : http).request(url, { method: 'POST', headers }, (answer) => {
    text(answer).then((said) => { resolve(new Response(said, { status: answer.statusCode ?? 500 })) }, reject)
  })
  // An answer that comes before all was sent ends the sending and is what counts.
  pipeline(body, request, (error) => { if (error) reject(error) })
})

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
