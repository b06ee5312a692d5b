import { PassThrough, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import { makeOpenBodies } from '../../../hub/http/open-bodies.js'

const mebibyte = 1024 * 1024

/** Sends so many bytes and leaves the body open. */
const begin = (bodies: ReturnType<typeof makeOpenBodies>, bytes: number): { readonly sender: PassThrough, readonly read: Promise<Buffer>, readonly body: Readable } => {
  const sender = new PassThrough()
  const body = bodies(sender, mebibyte)
  const read = buffer(body)
  read.catch(() => undefined)
  sender.write(Buffer.alloc(bytes, 0x20))
  return { sender, read, body }
}
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

describe('bodies of callers without a key', () => {
  it('come through as they were sent', async () => {
    const { sender, read } = begin(makeOpenBodies(), 1000)
    sender.end('end')
    expect((await read).toString()).toBe(`${' '.repeat(1000)}end`)
  })

  it('are each refused beyond their limit', async () => {
    await expect(begin(makeOpenBodies(), mebibyte + 1).read).rejects.toMatchObject({ statusCode: 413 })
  })

  it('are refused when they are too much together, and taken again when senders came to their end or hung up', async () => {
    const bodies = makeOpenBodies()
    const held = Array.from({ length: 64 }, () => begin(bodies, mebibyte))
    await turn()
    await expect(begin(bodies, 1).read).rejects.toMatchObject({ code: 'busy' })
    held[0]?.sender.end()
    held[1]?.sender.destroy()
    await expect(held[1]?.read).rejects.toThrow('hung up')
    await held[0]?.read
    await turn()
    const { sender, read } = begin(bodies, mebibyte)
    sender.end()
    expect((await read).length).toBe(mebibyte)
  })

  it('have a minute to come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { read } = begin(makeOpenBodies(), 10)
      vi.advanceTimersByTime(61_000)
      await expect(read).rejects.toThrow('within 60 s')
    } finally {
      vi.useRealTimers()
    }
  })
})
