import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../schemas/project-folder.js'
import { load, type LoadResult } from './load.js'
import { processorMs } from './processor-time.js'
import { printRows, type BenchRow } from './table.js'
import { withServer, type BenchServer } from './with-server.js'

const rounds = 4
const seconds = 3
const connections = 16

interface Measured extends LoadResult {
  /** The server's processor time, in ms. */
  readonly serverMs: number
}

/**
 * SOAP Pings a second: the whole hub over its HTTP stack, beside node-soap on Node's bare HTTP server with the same WSDL, load generator and server on the same
 * processors. Both run all the time and are asked by turns; the best round of each counts.
 */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-ping-'))
  try {
    await withServer([projectFolder('hub', 'chainhub.mjs'), 'start', '--port', '0', '--data', join(folder, 'hub')], { CHAINHUB_LOG_LEVEL: 'warn' }, (hub) =>
      withServer([projectFolder('dist', 'bench', 'node-soap-server.js'), projectFolder('schemas', 'wire', 'chainhub.wsdl')], {}, async (rival) => {
        printRows(await measure(hub, rival), options)
      }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const measure = async (hub: BenchServer, rival: BenchServer): Promise<readonly BenchRow[]> => {
  const best: Record<'ours' | 'theirs', Measured | undefined> = { ours: undefined, theirs: undefined }
  for (let round = 0; round <= rounds; round++) {
    const [ours, theirs] = [await pings(hub), await pings(rival)]
    // The first round warms up.
    if (round === 0) continue
    best.ours = better(best.ours, ours)
    best.theirs = better(best.theirs, theirs)
  }
  if (best.ours === undefined || best.theirs === undefined) return []
  const { ours, theirs } = best
  const name = `SOAP 1.1 Ping, ${connections} connections`
  return [
    { bench: 'ping', case: name, value: ours.perSecond, unit: '1/s', rival: `node-soap: ${theirs.perSecond.toFixed(0)}`, ratio: ours.perSecond / theirs.perSecond },
    { bench: 'ping', case: `${name}, p99`, value: ours.p99Ms, unit: 'ms', rival: `node-soap: ${theirs.p99Ms.toFixed(1)}`, ratio: ours.p99Ms / theirs.p99Ms },
    { bench: 'ping', case: `${name}, the server's processor time`, value: perCpuSecond(ours), unit: '1/CPU-s', rival: `node-soap: ${perCpuSecond(theirs).toFixed(0)}`, ratio: perCpuSecond(ours) / perCpuSecond(theirs) },
  ]
}

const better = (before: Measured | undefined, now: Measured): Measured => before !== undefined && before.perSecond > now.perSecond ? before : now

const perCpuSecond = ({ answered, serverMs }: Measured): number => answered / serverMs * 1000

const pings = async ({ port, pid }: BenchServer): Promise<Measured> => {
  const before = await processorMs(pid)
  const result = await load({ port, connections, seconds, request: (n) => ping(port, n) })
  if (result.failed > 0) throw new Error(`${result.failed} of ${result.answered} Pings failed.`)
  return { ...result, serverMs: await processorMs(pid) - before }
}

const ping = (port: number, n: number): string => {
  const body = `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><ch:Ping xmlns:ch="urn:chainhub:v1"><ch:message>ping ${n}</ch:message></ch:Ping></soap:Body></soap:Envelope>`
  return `POST /soap/v1 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: text/xml; charset=utf-8\r\nsoapaction: "urn:chainhub:v1:Ping"\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
