import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { longestSlice } from '../../../bench/longest-slice.js'
import { realSizeWsdl } from '../../../bench/real-size-wsdl.js'
import type { DeliveryResult } from '../../../connectors/contract.js'
import { makeOutbound, systemDeps } from '../../../connectors/soap-client/make-outbound.js'
import { envelope, startPartnerServer, type PartnerServer } from './partner-server.js'

const outbound = makeOutbound(systemDeps)
const servers: PartnerServer[] = []
afterEach(async () => { await Promise.all(servers.splice(0).map((server) => server.close())) })
afterAll(() => outbound.close())

/** Of processor time. The goal is 50 ms, which `chainhub bench soap-client` shows; here the code is new to the machine. Reading on this thread would take seconds. */
const mostCpuMs = 200

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
    let result: DeliveryResult | undefined
    const { longestCpuMs } = await longestSlice(async () => {
      result = await line.value.deliver({ operation: 'Op0', payload: { type: 'json', bytes: Buffer.from('{"item":[{"@version":"Open"}],"amount":10.10,"id":"00123"}') } })
    })
    expect(result?.ok === true ? [result.value.answer?.children.length, result.value.answer?.children.at(-1)?.attributes[0]?.value] : result).toEqual([items, 'Open'])
    expect(server.asked.at(-1)?.body).toMatch(/<ns1:Op0 xmlns:ns1="urn:real"><ns1:id>00123<\/ns1:id><ns1:amount>10.10<\/ns1:amount><ns1:item version="Open"\/><\/ns1:Op0>/)
    expect(longestCpuMs).toBeLessThan(mostCpuMs)
    const listed = await line.value.list()
    expect(listed.ok && listed.value.length).toBe(types / 25)
  })
})
