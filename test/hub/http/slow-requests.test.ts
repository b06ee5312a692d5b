import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ok } from '../../../schemas/result.js'
import type { Access } from '../../../hub/access/access.js'
import { startHttp, type HttpServer } from '../../../hub/http/server.js'
import { takeBody } from '../../../hub/http/take-body.js'

const everybody = () => Promise.resolve(ok({ keyId: 'k', role: 'admin' as const, channel: undefined, party: undefined }))
const access: Access = { callerOf: everybody, authorise: everybody, authoriseAll: everybody, authoriseProcess: () => ok(undefined) }

let server: HttpServer
beforeAll(async () => {
  server = await startHttp({
    host: '127.0.0.1', port: 0, version: '0', maxBodyBytes: 1000, maxHeldBytes: 1_000_000, log: pino({ level: 'silent' }), access, connectorRoutes: [],
    operations: [{
      id: 'take', method: 'POST', path: '/take', tag: 'operations', audience: 'anyone', summary: '', handle: () => Promise.resolve(ok({ taken: true })),
      answer: () => ({ description: '', schema: {}, example: {} }),
    }],
    timeouts: { headersMs: 150, requestMs: 300, checkMs: 20 },
  })
})
afterAll(() => server.close())

/** Sends a beginning and nothing more, and gives what comes until the connection is closed. */
const begin = (sent: string): Promise<string> => new Promise((resolve, reject) => {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname, () => { socket.write(sent) })
  let text = ''
  socket.on('data', (chunk: Buffer) => { text += chunk.toString() })
  socket.on('close', () => { resolve(text) })
  socket.on('error', reject)
})

describe('a sender who is too slow', () => {
  it.each([
    ['with the headers', 'POST /take HTTP/1.1\r\nHost: hub\r\nContent-'],
    ['with the body', 'POST /take HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{'],
  ])('%s is told so with 408 and a problem, and the connection closed', async (_what, sent) => {
    const text = await begin(sent)
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(text).toMatch(/^content-type: application\/problem\+json; charset=utf-8\r$/m)
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ status: 408, code: 'request-timeout' })
  })

  it('and sends nothing of a body for a minute is given up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const sender = new PassThrough()
      const taken = takeBody(sender, {}, 1000)
      sender.write('{')
      await vi.advanceTimersByTimeAsync(59_000)
      sender.write('"a')
      const late = expect(taken).rejects.toMatchObject({ code: 'late', statusCode: 408 })
      await vi.advanceTimersByTimeAsync(61_000)
      await late
      expect(sender.destroyed).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })
})
