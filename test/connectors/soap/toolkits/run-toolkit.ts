import { spawn } from 'node:child_process'
import { projectFolder } from '../../../../schemas/project-folder.js'
import type { SoapVersionName, Toolkit } from './toolkits.js'

/** The environment variables that every client program reads. */
export interface ClientSettings {
  readonly HUB_URL: string
  /** The key of the channel demo-soap. */
  readonly HUB_KEY: string
  readonly SOAP_VERSION: SoapVersionName
  /** Holds message.txt (what to ping), order.xml, rejected.xml and order.json, all UTF-8. */
  readonly FOLDER: string
  /** The idempotency key for order.xml. */
  readonly ORDER_KEY: string
  /** The id of a message of two parts, one of them rejected. */
  readonly BATCH: string
}

/** What a client read in one step, such as `SubmitDocument rejected`: texts by their path, such as `errors[0].code`. */
export type Told = Readonly<Record<string, string>>

export interface ClientRun {
  /** By operation and step, a space between. */
  readonly steps: ReadonlyMap<string, Told>
  /** The end of what it wrote to standard error, for when a step is missing. */
  readonly complaint: string
}

const programs = projectFolder('test', 'connectors', 'soap', 'toolkits')

/** The version of a toolkit that is installed here. */
export const installedVersion = async (toolkit: Toolkit): Promise<string | undefined> => {
  const { code, output } = await runShell(toolkit.probe, process.cwd(), {})
  return code === 0 && output.trim() !== '' ? output.trim() : undefined
}

/** Generates and compiles a client in a folder, from the WSDL of the hub. Throws with what the tools said where they fail. */
export const buildClient = async ({ name, build }: Toolkit, folder: string, hubUrl: string): Promise<void> => {
  if (build === undefined) return
  const { code, output, complaint } = await runShell(`bash "$PROGRAMS/${build}"`, folder, { HUB_URL: hubUrl })
  if (code !== 0) throw new Error(`${name} could not be built:\n${output}\n${complaint}`)
}

/**
 * Runs a client. It prints a line for each value that it read: operation, step, path and value with tabs between, a line break
 * in the value written as \n and a backslash as two.
 */
export const runClient = async ({ run }: Toolkit, folder: string, settings: ClientSettings): Promise<ClientRun> => {
  const { output, complaint } = await runShell(run, folder, { ...settings })
  const steps = new Map<string, Record<string, string>>()
  for (const line of output.split('\n')) {
    const [operation, step, path, value] = line.split('\t')
    if (operation === undefined || step === undefined || path === undefined || value === undefined) continue
    const name = `${operation} ${step}`
    const told = steps.get(name) ?? {}
    steps.set(name, { ...told, [path]: value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)) })
  }
  return { steps, complaint: complaint.trim().slice(-500) }
}

interface ShellRun {
  readonly code: number | null
  readonly output: string
  readonly complaint: string
}

const runShell = (command: string, cwd: string, settings: Readonly<Record<string, string>>): Promise<ShellRun> => new Promise((resolve, reject) => {
  const child = spawn('sh', ['-c', command], { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8', PROGRAMS: programs, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: { readonly output: Buffer[], readonly complaint: Buffer[] } = { output: [], complaint: [] }
  child.stdout.on('data', (chunk: Buffer) => { chunks.output.push(chunk) })
  child.stderr.on('data', (chunk: Buffer) => { chunks.complaint.push(chunk) })
  child.once('error', reject)
  child.once('close', (code) => {
    resolve({ code, output: Buffer.concat(chunks.output).toString('utf8'), complaint: Buffer.concat(chunks.complaint).toString('utf8') })
  })
})
