import type { IncomingHttpHeaders } from 'node:http'
import { Transform, type Readable } from 'node:stream'
import { busyCode, fullWords, lateCode, lateWords, pace, refused } from './body-ends.js'

/** Passes a body on that is held whole while it comes: ends it where it comes too slowly, and where `grow` has no room for what came of one that does not say how long it is. */
export const paceBody = (payload: Readable, { 'content-length': length, 'transfer-encoding': coding }: IncomingHttpHeaders, grow: (bytes: number) => boolean): Readable => {
  const declared = length === undefined ? undefined : Number(length)
  // There is none, or all of it came with the head.
  if ((declared === undefined && coding === undefined) || payload.readableLength === declared) return payload
  let stretch = 0
  const body = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      stretch += chunk.length
      if (stretch >= pace.bytes) {
        stretch = 0
        late.refresh()
      }
      if (declared === undefined && !grow(chunk.length)) done(refused(fullWords, busyCode, 503))
      else done(null, chunk)
    },
  })
  const late = setTimeout(() => { body.destroy(refused(lateWords, lateCode, 408)) }, pace.withinMs).unref()
  // Of a request that was answered unread nobody listens to how it ends.
  body.on('error', () => undefined)
  body.once('close', () => { clearTimeout(late) })
  payload.once('close', () => { if (!payload.readableEnded) body.destroy(refused('The sender hung up.', 'ended', 400)) })
  return payload.pipe(body)
}
