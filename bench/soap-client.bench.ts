import { createServer } from 'node:http'
import { makeOutbound, systemDeps, type SoapLine } from '../connectors/soap-client/make-outbound.js'
import { longestSlice } from './longest-slice.js'
import { realSizeWsdl } from './real-size-wsdl.js'
import { printRows, type BenchRow } from './table.js'

const answer = (items: number): string => `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><r:Op0Response xmlns:r="urn:real">${'<r:item/>'.repeat(items)}</r:Op0Response></e:Body></e:Envelope>`
const rounds = 200

/** Loading descriptions of real size and calling over them: how long it takes, and how long the hub's own thread stands still at most. */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const rows: BenchRow[] = []
  for (const types of [1_000, 5_000]) {
    const server = await startService(realSizeWsdl({ types, operations: types / 25, files: 5, seed: types }))
    const outbound = makeOutbound(systemDeps)
    const line = outbound.open({ wsdl: `${server.url}/service.wsdl`, allowedHosts: ['127.0.0.1'], freshForMs: 3_600_000 })
    if (!line.ok) throw new Error(line.detail)
    rows.push(...await rowsOf(`${types} types, ${(server.bytes / 1e6).toFixed(1)} MB`, line.value, server))
    await outbound.close()
    server.close()
  }
  printRows(rows, options)
}

const rowsOf = async (name: string, line: SoapLine, server: Service): Promise<readonly BenchRow[]> => {
  const row = (step: string, value: number, unit: string): BenchRow => ({ bench: 'soap-client', case: `${name}: ${step}`, value, unit })
  const slice = (step: string, { longestCpuMs, longestMs }: Awaited<ReturnType<typeof longestSlice>>): BenchRow => ({ ...row(`${step}, longest slice of the hub's thread`, longestCpuMs, 'CPU-ms'), rival: `${longestMs.toFixed(0)} ms by the clock` })
  const loading = await longestSlice(() => line.template('Op0'))
  server.answerItems(1)
  await call(line)
  const calls = await longestSlice(async () => { for (let round = 0; round < rounds; round++) await call(line) })
  server.answerItems(200_000)
  const large = await longestSlice(() => call(line))
  return [
    row('load', loading.ms, 'ms'), slice('load', loading),
    row('a call', calls.ms / rounds, 'ms'), slice('calls', calls),
    row('a call, 200,000 elements answered', large.ms, 'ms'), slice('the same', large),
  ]
}

const call = async (line: SoapLine): Promise<void> => {
  const result = await line.deliver({ operation: 'Op0', payload: { type: 'json', bytes: Buffer.from('{"amount":"10.10","id":"00123","item":[{"@version":"Open"}]}') } })
  if (!result.ok) throw new Error(`${result.code} at ${result.at}: ${result.detail}`)
}

interface Service {
  readonly url: string
  readonly bytes: number
  readonly answerItems: (items: number) => void
  readonly close: () => void
}

const startService = async (files: ReadonlyMap<string, string>): Promise<Service> => {
  let body = Buffer.from(answer(1))
  const encoded = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      const file = encoded.get((request.url ?? '').slice(1))
      response.writeHead(request.method === 'POST' || file !== undefined ? 200 : 404, { 'content-type': 'text/xml; charset=utf-8' })
      response.end(request.method === 'POST' ? body : file)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  for (const [name, text] of files) encoded.set(name, Buffer.from(text.replace('ENDPOINT', `${url}/call`)))
  return {
    url,
    bytes: [...files.values()].reduce((sum, text) => sum + text.length, 0),
    answerItems: (items) => { body = Buffer.from(answer(items)) },
    close: () => { server.closeAllConnections(); server.close() },
  }
}
