import { Transform, type Readable } from 'node:stream'
import { busyCode, lateCode, refused } from './body-ends.js'

/** How much of all bodies of callers without a key may be held at a time, in bytes; more where one alone may have more. */
const mostHeld = 64 * 1024 * 1024
/** How long such a body may take to come, in ms. */
const mostMs = 60_000

/** `declared` is the Content-Length, where there is one. */
export type OpenBodies = (payload: Readable, openBytes: number, declared?: number) => Readable

/**
 * Reads bodies of callers of whom it is not known yet who they are: each up to `openBytes` and for a minute, and all together no more than the memory bears.
 * What passes that ends with an error. A sender who hangs up frees what came of him.
 */
export const makeOpenBodies = (): OpenBodies => {
  let heldOfAll = 0
  return (payload, openBytes, declared) => {
    // Most small bodies came with their head: there is nothing to wait for, and nothing more to hold.
    if (payload.readableLength === declared && declared <= openBytes) return payload
    let held = 0
    const body = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        held += chunk.length
        heldOfAll += chunk.length
        if (held > openBytes) done(refused(`Without a key, ${openBytes} bytes are read.`, 'FST_ERR_CTP_BODY_TOO_LARGE', 413))
        else if (heldOfAll > Math.max(mostHeld, openBytes)) done(refused(busyWords, busyCode, 503))
        else done(null, chunk)
      },
    })
    const late = setTimeout(() => { body.destroy(refused(`Without a key, a body has to come within ${mostMs / 1000} s.`, lateCode, 408)) }, mostMs)
    body.once('close', () => {
      clearTimeout(late)
      heldOfAll -= held
      held = 0
    })
    payload.once('close', () => { if (!payload.readableEnded) body.destroy(refused('The sender hung up.', 'ended', 400)) })
    return payload.pipe(body)
  }
}

const busyWords = 'The hub reads as much as it may of callers without a key; send it again shortly, or with a key.'
