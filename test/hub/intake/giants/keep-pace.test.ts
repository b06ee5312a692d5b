import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { keepPace } from '../../../../hub/intake/giants/keep-pace.js'

/** Gives pieces of so many bytes, each after so many ms. */
const slowly = async function* (pieces: number, bytes: number, everyMs: number): AsyncGenerator<Uint8Array> {
  for (let made = 0; made < pieces; made++) {
    await sleep(everyMs)
    yield new Uint8Array(bytes)
  }
}

const readAll = async (bytes: AsyncIterable<Uint8Array>, eachMs = 0): Promise<number> => {
  let length = 0
  for await (const part of bytes) {
    length += part.length
    if (eachMs > 0) await sleep(eachMs)
  }
  return length
}

describe('a body whose pace is kept', () => {
  it('is read whole where it comes fast enough, however long it is', async () => {
    const body = keepPace(slowly(40, 100, 10), { bytes: 100, withinMs: 3_000 }, Date.now)
    expect(await readAll(body.bytes)).toBe(4000)
    expect(body.failure()).toBeUndefined()
  })

  it('ends where too little came in the time, and says so', async () => {
    const body = keepPace(slowly(1000, 1, 20), { bytes: 1000, withinMs: 200 }, Date.now)
    expect(await readAll(body.bytes)).toBeLessThan(15)
    expect(body.failure()).toMatchObject({ code: 'too-slow', at: 'body', detail: expect.stringMatching(/^In 0.2 s less than 1000 bytes/) as string })
  })

  it('ends where nothing comes any more, and lets its source end when that stirs again', async () => {
    let ended = false
    const stuck = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield new Uint8Array(5000)
        await sleep(1_500)
        yield new Uint8Array(5000)
      } finally {
        ended = true
      }
    }
    const body = keepPace(stuck(), { bytes: 1000, withinMs: 100 }, Date.now)
    expect(await readAll(body.bytes)).toBe(5000)
    expect(body.failure()).toMatchObject({ code: 'too-slow' })
    expect(ended).toBe(false)
    await expect.poll(() => ended).toBe(true)
  })

  it('does not count the time that its reader takes', async () => {
    const body = keepPace(slowly(8, 10, 1), { bytes: 1000, withinMs: 1_000 }, Date.now)
    expect(await readAll(body.bytes, 250)).toBe(80)
    expect(body.failure()).toBeUndefined()
  })

  it('fails as its source does', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(1))
      throw new Error('hung up')
    }
    await expect(readAll(keepPace(broken(), { bytes: 1, withinMs: 100 }, Date.now).bytes)).rejects.toThrow('hung up')
  })
})
