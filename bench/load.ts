import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LoadOptions {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** The bytes of the n-th request, head and body. */
  readonly request: (n: number) => string
  /** How many are sent a second at most, evenly; without it each connection sends as soon as it was answered. */
  readonly perSecond?: number
}

export interface LoadResult {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly answered: number
  readonly failed: number
}

const counted = /^HTTP\/1\.1 (\d{3})[\s\S]*?\r\ncontent-length: (\d+)\r\n[\s\S]*?\r\n\r\n/i
const chunked = /^HTTP\/1\.1 (\d{3})[\s\S]*?\r\ntransfer-encoding: chunked\r\n[\s\S]*?\r\n0\r\n\r\n/i

/** The first answer in what was received: its status, and the characters that it takes; undefined while it is not whole. */
const answerIn = (received: string): { readonly status: number, readonly length: number } | undefined => {
  const [head, status = '', length = ''] = counted.exec(received) ?? []
  if (head !== undefined) return received.length < head.length + Number(length) ? undefined : { status: Number(status), length: head.length + Number(length) }
  const [whole, given = ''] = chunked.exec(received) ?? []
  return whole === undefined ? undefined : { status: Number(given), length: whole.length }
}

/**
 * Sends requests over `connections` keep-alive connections to 127.0.0.1, one at a time on each, for `seconds`. A thin client over sockets, because
 * it shares the machine with the server that it measures. Counts answers other than 200 as failed.
 */
export const load = async (options: LoadOptions): Promise<LoadResult> => {
  const latencies: number[] = []
  let failed = 0
  let next = 0
  const startedMs = performance.now()
  const untilMs = startedMs + options.seconds * 1000
  const runOne = async (): Promise<void> => {
    const socket = await open(options.port)
    const answers = answersOf(socket)
    while (performance.now() < untilMs) {
      const n = next++
      if (options.perSecond !== undefined) await sleep(startedMs + n * 1000 / options.perSecond - performance.now())
      const sentMs = performance.now()
      socket.write(options.request(n))
      const status = await answers()
      latencies.push(performance.now() - sentMs)
      if (status !== 200) failed += 1
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: options.connections }, runOne))
  const tookS = (performance.now() - startedMs) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return { perSecond: (latencies.length - failed) / tookS, p50Ms: at(0.5), p99Ms: at(0.99), answered: latencies.length, failed }
}

const open = (port: number): Promise<Socket> => new Promise((resolve, reject) => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => { resolve(socket) })
  socket.once('error', reject)
})

/** Resolves with the status of each answer in turn. */
const answersOf = (socket: Socket): (() => Promise<number>) => {
  let received = ''
  let waiting: { readonly resolve: (status: number) => void, readonly reject: (error: Error) => void } | undefined
  const look = (): void => {
    const answer = answerIn(received)
    if (answer === undefined) return
    received = received.slice(answer.length)
    const { resolve } = waiting ?? { resolve: () => undefined }
    waiting = undefined
    resolve(answer.status)
  }
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    look()
  })
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error('The server closed the connection.')))
  return () => new Promise((resolve, reject) => { waiting = { resolve, reject } })
}
