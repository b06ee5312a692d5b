import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../../../schemas/project-folder.js'

export const fixtures = projectFolder('connectors', 'soap-client', 'fixtures')

interface Recorded {
  readonly body: string
  readonly type: string
  readonly action: string
  readonly authorization: string
}

export interface PhpServer {
  readonly wsdl: string
  /** The last request that reached it. */
  readonly recorded: () => Promise<Recorded>
  /** What the script wrote of each request, where it writes a line for each. */
  readonly lines: () => Promise<readonly Readonly<Record<string, string>>[]>
  readonly close: () => Promise<void>
}

export const hasPhpSoap = (): boolean => {
  const found = spawnSync('php', ['-m'], { encoding: 'utf8', timeout: 20_000 })
  return found.status === 0 && /^soap$/m.test(found.stdout)
}

const freePort = (): Promise<number> => new Promise((resolve) => {
  const server = createServer()
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => { resolve(typeof address === 'object' && address !== null ? address.port : 0) })
  })
})

/** PHP's SoapServer with the fixtures' description, or another script, on 127.0.0.1. */
export const startPhpServer = async (script = projectFolder('test', 'connectors', 'soap-client', 'orders-server.php')): Promise<PhpServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-php-'))
  const record = join(folder, 'request.json')
  const port = await freePort()
  const child = spawn('php', ['-S', `127.0.0.1:${port}`, script], { env: { ...process.env, FIXTURES: fixtures, RECORD: record }, stdio: 'ignore' })
  const wsdl = `http://127.0.0.1:${port}/orders.wsdl`
  for (let tries = 0; ; tries++) {
    const answered = await fetch(wsdl).then((answer) => answer.ok, () => false)
    if (answered) break
    if (tries === 100) throw new Error('php -S does not answer')
    await new Promise((resolve) => { setTimeout(resolve, 50) })
  }
  return {
    wsdl,
    lines: async () => (await readFile(record, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Readonly<Record<string, string>>),
    recorded: async () => JSON.parse(await readFile(record, 'utf8')) as Recorded,
    close: async () => {
      await new Promise((resolve) => {
        child.once('exit', resolve)
        child.kill()
      })
      await rm(folder, { recursive: true, force: true })
    },
  }
}
