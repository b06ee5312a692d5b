import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { realSizeWsdl } from '../../../bench/real-size-wsdl.js'
import { makeOutbound, systemDeps } from '../../../connectors/soap-client/make-outbound.js'
import { envelope, startPartnerServer, type PartnerServer } from './partner-server.js'

const outbound = makeOutbound(systemDeps)
const servers: PartnerServer[] = []
afterEach(async () => { await Promise.all(servers.splice(0).map((server) => server.close())) })
afterAll(() => outbound.close())

/** Far above the goal of 50 ms, which `chainhub bench soap-client` shows, and far below the seconds that reading takes: other work on the machine counts here too. */
const generousStopMs = 700

const start = async (types: number, answer: string): Promise<PartnerServer> => {
  const files = new Map([...realSizeWsdl({ types, operations: types / 25, files: 5, seed: types })].map(([name, text]) => [`/${name}`, Buffer.from(text)]))
  const server = await startPartnerServer((asked, response) => { response.writeHead(200, { 'content-type': 'text/xml' }).end(asked.method === 'POST' ? answer : files.get(asked.path)) })
  servers.push(server)
  return server
}

describe.each([1_000, 5_000])('a description of %i types in files that import each other', (types) => {
  it('is loaded and called while the hub\'s own thread goes on', async () => {
    const items = 30_000
    const server = await start(types, envelope(`<r:Op0Response xmlns:r="urn:real">${'<r:item version="Open"/>'.repeat(items)}</r:Op0Response>`))
    const line = outbound.open({ wsdl: `${server.url}/service.wsdl`, endpoint: `${server.url}/call`, allowedHosts: ['127.0.0.1'] })
    if (!line.ok) throw new Error(line.detail)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const result = await line.value.deliver({ operation: 'Op0', payload: { type: 'json', bytes: Buffer.from('{"item":[{"@version":"Open"}],"amount":10.10,"id":"00123"}') } })
    delay.disable()
    expect(result.ok ? [result.value.answer?.children.length, result.value.answer?.children.at(-1)?.attributes[0]?.value] : result).toEqual([items, 'Open'])
    expect(server.asked.at(-1)?.body).toMatch(/<ns1:Op0 xmlns:ns1="urn:real"><ns1:id>00123<\/ns1:id><ns1:amount>10.10<\/ns1:amount><ns1:item version="Open"\/><\/ns1:Op0>/)
    expect(delay.max / 1e6).toBeLessThan(generousStopMs)
    const listed = await line.value.list()
    expect(listed.ok && listed.value.length).toBe(types / 25)
  })
})
