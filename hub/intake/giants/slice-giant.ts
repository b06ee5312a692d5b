import type { CommitPart } from '../../central/commit-item.js'
import type { Slice } from '../../central/giants/commit-slice.js'
import type { GiantRow } from '../../central/giants/giant-rows.js'
import type { ByteSource } from '../../../schemas/decode-stream.js'
import type { MessageId } from '../../../schemas/ids.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import type { Channel } from '../channel.js'
import type { PrepareDeps } from '../deps.js'
import { bareHead, type Enclosed } from '../envelopes/envelope.js'
import type { PartCheck } from '../schema-sets/check-parts.js'
import { partnerOf } from '../sender.js'
import { translatePart } from '../translate-part.js'
import type { GiantPiece } from './giant-piece.js'
import { readPieces, type PartsOf } from './read-pieces.js'
import { takeTurns } from './take-turns.js'

export interface SliceGiantDeps extends PrepareDeps {
  readonly partsOf: PartsOf
  readonly bytesOf: (messageId: MessageId) => ByteSource
  readonly channel: (id: string) => Channel | undefined
  /** For durations: it never jumps. */
  readonly elapsedMs: () => number
  readonly log: { readonly error: (fields: object, text: string) => void }
}

/** Takes one slice; the next is made ready meanwhile. */
export type TakeSlice = (slice: Slice) => Promise<Result<void>>

/** Of one slice. */
const most = { pieces: 256, characters: 2 * 1024 * 1024 } as const
/** Of what is being held against registered schemas before it is translated. */
const mostChecking = { pieces: 16, characters: 256 * 1024 } as const
/** Of a giant. */
const mostPieces = 1_000_000
/** When so many pieces came and none could be taken, the rest is not looked at. */
const mostInVain = 1000

/**
 * Goes through a giant from where it stands to its end, slice by slice, the next one made ready while one is taken. Gives the processor away every few
 * milliseconds. Fails as `take` does, with channel-unknown and schema-unavailable, and with shutting-down when `isStopped` says so.
 */
export const sliceGiant = async (deps: SliceGiantDeps, giant: GiantRow, take: TakeSlice, isStopped: () => boolean): Promise<Result<void>> => {
  const channel = deps.channel(giant.channel)
  if (channel === undefined) return fail('channel-unknown', 'channel', `The channel '${giant.channel}' of the message is not set up any more; set it up again to let the message go on.`)
  const slicing = makeSlicing(deps, giant, { ...channel, partner: partnerOf({ sender: giant.sender, caller: giant.caller ?? undefined }) }, take)
  const bytes = { source: deps.bytesOf(giant.messageId), bytes: giant.bytes, contentType: giant.contentType ?? '', contentEncoding: giant.contentEncoding ?? undefined }
  const turns = takeTurns(deps.elapsedMs)
  for await (const pieces of readPieces(deps.partsOf, channel, bytes, deps.translator.textsOf(channel.languages))) {
    for (const piece of pieces) {
      const added = slicing.isDone() ? undefined : await slicing.add(piece)
      if (added?.ok === false) return added
      if (!turns.isOver()) continue
      if (isStopped()) return shuttingDown
      await turns.next()
    }
    if (slicing.isDone()) break
    // A table is gone through once before the first piece comes.
    if (pieces.length > 0 || !turns.isOver()) continue
    if (isStopped()) return shuttingDown
    await turns.next()
  }
  return slicing.end()
}

export const shuttingDown = fail('shutting-down', 'hub', 'The hub is shutting down; the message is kept and goes on by itself. Send it again to hear its answer.')

/** Gathers pieces into slices and has them taken, one while the next one is gathered. */
const makeSlicing = (deps: SliceGiantDeps, giant: GiantRow, channel: Channel, take: TakeSlice) => {
  let [toSkip, from, ordinal, taken] = [giant.pieces, giant.pieces, giant.parts, giant.taken]
  // What ended so before ends so again: the last of its pieces says why.
  let isDone = giant.pieces > (taken ? mostPieces : mostInVain)
  let [gathered, characters]: [(readonly CommitPart[])[], number] = [[], 0]
  const checking: CheckingPiece[] = []
  let checkingCharacters = 0
  let storing: Promise<Result<void>> = Promise.resolve(ok(undefined))
  const flush = async (): Promise<Result<void>> => {
    const stored = await storing
    if (!stored.ok || gathered.length === 0) return stored
    const { messageId, attempt, again, system } = giant
    storing = take({ messageId, attempt, again, channel: giant.channel, system, from, pieces: gathered, taken })
    // Awaited before the next one; until then it may fail unheard.
    storing.catch(() => undefined)
    from += gathered.length
    ;[gathered, characters] = [[], 0]
    return stored
  }
  const translate = (enclosed: Enclosed, checked?: PartCheck): CommitPart => {
    const part = translateOne(deps, channel, { enclosed, checked }, ++ordinal, giant.messageId)
    taken ||= part.documents.length > 0
    return part
  }
  const takeFirst = async (): Promise<Result<void>> => {
    const first = checking.shift()
    if (first === undefined) return ok(undefined)
    checkingCharacters -= first.length
    const checked = await first.checked
    if (!checked.ok) return checked
    gathered.push(first.parts.map((part, index) => translate(part, checked.value[index])))
    characters += first.length
    return gathered.length >= most.pieces || characters >= most.characters ? flush() : ok(undefined)
  }
  const takeDownTo = async (pieces: number, length: number): Promise<Result<void>> => {
    while (checking.length > pieces || checkingCharacters > length) {
      const took = await takeFirst()
      if (!took.ok) return took
    }
    return ok(undefined)
  }
  /** Ends the giant with one more part that says why. */
  const giveUp = (detail: string): void => {
    gathered.push([translate({ head: bareHead, root: fail('limit-exceeded', 'body', detail) })])
    isDone = true
  }
  /** Whether it goes on no further, once it is known of all before whether they could be taken. */
  const endsHere = async (pieces: number): Promise<Result<boolean>> => {
    if (pieces < (taken ? mostPieces : mostInVain)) return ok(false)
    const took = await takeDownTo(0, 0)
    if (!took.ok) return took
    if (!taken) giveUp(`None of the first ${mostInVain} parts could be taken, and the rest was not looked at: is it the right channel?`)
    else if (pieces >= mostPieces) giveUp(`The message has more than ${mostPieces} parts; send it in several.`)
    return ok(isDone)
  }
  return {
    isDone: () => isDone,
    add: async (piece: GiantPiece): Promise<Result<void>> => {
      if (toSkip > 0) {
        toSkip--
        return ok(undefined)
      }
      const ends = await endsHere(from + gathered.length + checking.length)
      if (!ends.ok || ends.value) return ends.ok ? ok(undefined) : ends
      const parts = piece.read()
      const checked = deps.checkParts?.(channel, parts) ?? Promise.resolve(ok([]))
      // Awaited when it is its turn; until then it may fail unheard.
      checked.catch(() => undefined)
      checking.push({ parts, checked, length: piece.length })
      checkingCharacters += piece.length
      return takeDownTo(mostChecking.pieces, mostChecking.characters)
    },
    end: async (): Promise<Result<void>> => {
      const took = await takeDownTo(0, 0)
      if (!took.ok) return took
      if (from + gathered.length === 0) gathered.push([translate({ head: bareHead, root: fail('message-empty', 'body', 'The batch holds no documents.') })])
      const flushed = await flush()
      return flushed.ok ? storing : flushed
    },
  }
}

/** A piece that was read and is being held against registered schemas, in another thread. */
interface CheckingPiece {
  readonly parts: readonly Enclosed[]
  readonly checked: Promise<Result<readonly PartCheck[]>>
  readonly length: number
}

interface CheckedPart {
  readonly enclosed: Enclosed
  readonly checked: PartCheck | undefined
}

/** A fault of the hub in one part is that part's: the others go on, and a giant that is resumed does not meet it for ever. */
const translateOne = (deps: SliceGiantDeps, channel: Channel, { enclosed, checked }: CheckedPart, ordinal: number, messageId: MessageId): CommitPart => {
  try {
    return { ...translatePart(deps, channel, enclosed, ordinal, checked), ...placeOf(enclosed) }
  } catch (error) {
    deps.log.error({ err: error, messageId, part: ordinal }, 'a part of a giant failed')
    return translatePart(deps, channel, { head: bareHead, root: fail('internal', '', `The hub failed at this part; the fault is logged with the message ${messageId} and part ${ordinal}.`) }, ordinal)
  }
}

const placeOf = ({ root }: Enclosed): Pick<CommitPart, 'place'> => (root.ok && root.value.line > 0 ? { place: `${root.value.line}:${root.value.column}` } : {})
