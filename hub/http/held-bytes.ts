import { fail, ok, type Result } from '../../schemas/result.js'

/** What a request holds of the memory that all of them share. */
export interface Held {
  /** Counts further bytes of its body; false where there is no room for them. */
  readonly grow: (bytes: number) => boolean
  readonly free: () => void
}

export interface HeldBytes {
  /** Counts a request of a caller with as much of its body as is said to come. Fails with busy where there is no room for it. */
  readonly take: (caller: string, bytes: number) => Result<Held>
}

/** What a message takes beside its bytes: its tree, its documents, its request. */
const messageBytes = 16 * 1024

/**
 * Keeps the bodies that are coming in or wait for their answer within `most` bytes. One caller may have half of it; of the other half each has the share that falls to it among
 * those who hold anything, so that there is room for whoever holds little while another fills all that it may.
 */
export const makeHeldBytes = (most: number): HeldBytes => {
  const byCaller = new Map<string, number>()
  let all = 0
  const add = (caller: string, bytes: number): void => {
    const held = (byCaller.get(caller) ?? 0) + bytes
    all += bytes
    if (held <= 0) byCaller.delete(caller)
    else byCaller.set(caller, held)
  }
  const hasRoom = (caller: string, bytes: number): boolean => {
    if (all + bytes > most) return false
    const own = (byCaller.get(caller) ?? 0) + bytes
    return all + bytes <= most / 2 || own <= most / 2 / Math.max(byCaller.size, 1)
  }
  return {
    take: (caller, bytes) => {
      let own = bytes + messageBytes
      if (!hasRoom(caller, own)) return fail('busy', 'hub', 'The hub holds as many messages as its memory bears, or as many of yours as fall to you; send it again shortly.')
      add(caller, own)
      let isFree = false
      return ok({
        grow: (more) => {
          if (isFree || !hasRoom(caller, more)) return false
          own += more
          add(caller, more)
          return true
        },
        free: () => {
          if (!isFree) add(caller, -own)
          isFree = true
        },
      })
    },
  }
}
