import { setFlagsFromString } from 'node:v8'

/** How far the heap may grow past what V8 last found alive in it before it looks again, in percent. */
const tightPercent = 100
/** V8's own rule: up to four times what is alive, so that it looks seldom. */
const ownRule = 0

export interface HeapGrowth {
  /** Keeps the heap small, at a twentieth of the processor time, until what it gives is called. */
  readonly tighten: () => () => void
}

/** What work that takes long and makes much garbage asks for, so that its garbage is not taken for memory that the process needs. The flag is one of the whole process. */
export const makeHeapGrowth = (setFlags: (flags: string) => void = setFlagsFromString): HeapGrowth => {
  let holders = 0
  const set = (percent: number): void => { setFlags(`--heap-growing-percent=${percent}`) }
  return {
    tighten: () => {
      if (holders++ === 0) set(tightPercent)
      let isReleased = false
      return () => {
        if (isReleased) return
        isReleased = true
        if (--holders === 0) set(ownRule)
      }
    },
  }
}
