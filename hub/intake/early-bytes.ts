import type { MessageId } from '../../schemas/ids.js'
import type { Result } from '../../schemas/result.js'
import type { ReceiveDeps } from './deps.js'

/** Whether the database has the bytes by now; waits until that is known. */
export type IsKept = () => Promise<boolean>

/** From here on the bytes of a message go ahead: to store them takes as long as to read them, and they are stored while they are read. */
const largeBytes = 1024 * 1024

/** Does the work with a message whose bytes are on their way to the database where they are many, and drops them there where its commit did not take them over. */
export const withEarlyBytes = async <T>(deps: Pick<ReceiveDeps, 'keepEarly' | 'dropEarly'>, id: MessageId, raw: Uint8Array, work: (isKept: IsKept) => Promise<Result<T>>): Promise<Result<T>> => {
  if (raw.length < largeBytes) return work(notKept)
  // Without them ahead they go with the message, whose sender is told what is wrong.
  const sent = await deps.keepEarly(id, raw).catch(() => undefined)
  if (sent === undefined) return work(notKept)
  const isKept: IsKept = () => sent.answered.then(() => true, () => false)
  let isStored = false
  try {
    const done = await work(isKept)
    isStored = done.ok
    return done
  } finally {
    // Not before they have come: what is stored after it was dropped would stay. What cannot be dropped now goes when this process is gone.
    const came = await isKept()
    if (!(isStored && came)) await deps.dropEarly(id).catch(() => undefined)
  }
}

const notKept: IsKept = () => Promise.resolve(false)
