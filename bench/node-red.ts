import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The flow: http in ▸ xml ▸ function that inserts ▸ http response. What has no place on the page is taken for a configuration node. */
const flow = [
  { id: 'f', type: 'tab', label: 'orders' },
  { id: 'in', x: 1, y: 1, z: 'f', type: 'http in', url: '/in', method: 'post', upload: false, wires: [['text']] },
  { id: 'text', x: 1, y: 1, z: 'f', type: 'function', func: 'msg.raw = msg.payload = Buffer.isBuffer(msg.payload) ? msg.payload.toString() : msg.payload; return msg', outputs: 1, wires: [['xml']] },
  { id: 'xml', x: 1, y: 1, z: 'f', type: 'xml', property: 'payload', attr: '', chr: '', wires: [['insert']] },
  {
    id: 'insert', x: 1, y: 1, z: 'f', type: 'function', outputs: 1, wires: [['out']],
    func: `const number = msg.payload.Order['cbc:ID'][0]
      global.get('pool').query('insert into red_order (number, body, raw) values ($1, $2, $3)', [number, JSON.stringify(msg.payload.Order), msg.raw])
        .then(() => { msg.payload = { accepted: number }; msg.statusCode = 200; node.send(msg); node.done() }, (error) => { node.error(error, msg) })`,
  },
  { id: 'out', x: 1, y: 1, z: 'f', type: 'http response', wires: [] },
]

const program = `
const http = require('node:http'); const express = require('express'); const RED = require('node-red'); const pg = require('pg')
const pool = new pg.Pool({ connectionString: process.argv[2], max: 16 })
pool.query('create table if not exists red_order (id bigserial primary key, number text, body jsonb, raw text, received_at timestamptz default now())').then(async () => {
  const app = express(); const server = http.createServer(app)
  RED.init(server, { httpAdminRoot: false, httpNodeRoot: '/', userDir: __dirname, flowFile: 'flow.json', functionGlobalContext: { pool }, logging: { console: { level: 'warn' } }, apiMaxLength: '10mb' })
  app.use('/', RED.httpNode)
  await RED.start()
  server.listen(0, '127.0.0.1', () => setTimeout(() => { console.log('ready ' + server.address().port) }, 2000))
})
process.on('SIGTERM', () => { process.exit(0) })
`

/**
 * Installs Node-RED 4 from npm into a folder of its own beside other temporary files, once, and gives the program that runs the flow, to be started with a PostgreSQL
 * URL; undefined, said loudly, where it cannot be had.
 */
export const installNodeRed = async (): Promise<string | undefined> => {
  const folder = join(tmpdir(), 'chainhub-bench-node-red-4')
  const file = join(folder, 'server.cjs')
  try {
    await mkdir(folder, { recursive: true })
    if (!existsSync(join(folder, 'node_modules', 'node-red'))) {
      await writeFile(join(folder, 'package.json'), '{ "name": "node-red-beside-us", "private": true }')
      await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', 'node-red@4', 'express@4', 'pg@8'], { cwd: folder, timeout: 300_000 })
    }
    await writeFile(join(folder, 'flow.json'), JSON.stringify(flow))
    await writeFile(file, program)
    return file
  } catch (error) {
    console.error(`SKIPPED: Node-RED cannot be installed here, its rows are missing: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`)
    return undefined
  }
}
