import { fail, ok, type Result } from '../../../schemas/result.js'

/** How many giants may be under way, from their first byte to their answer, and how many of them are worked on side by side. */
const most = { ofAll: 8, ofKey: 2, worked: 2 } as const

export interface GiantPlaces {
  /** Takes a place for a giant of this key, undefined for one that is replayed; gives how it is left. Fails with giants-busy. */
  readonly enter: (key: string | undefined) => Result<() => void>
  /** Does the work as soon as fewer than two others are at work, in the order of the calls. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** One key cannot keep the others out: it has two places of eight, and a giant that is still coming keeps nobody from working. */
export const makeGiantPlaces = (): GiantPlaces => {
  const taken: (string | undefined)[] = []
  const waiting: (() => void)[] = []
  let working = 0
  return {
    enter: (key) => {
      if (taken.filter((one) => one === key).length >= most.ofKey) return fail('giants-busy', 'hub', `${most.ofKey} large messages of this caller are coming in or being taken; send it again when one of them is answered.`)
      if (taken.length >= most.ofAll) return fail('giants-busy', 'hub', `${most.ofAll} large messages are coming in or being taken; send it again shortly.`)
      taken.push(key)
      let left = false
      return ok(() => {
        if (!left) taken.splice(taken.indexOf(key), 1)
        left = true
      })
    },
    inTurn: async (work) => {
      if (working >= most.worked) await new Promise<void>((resolve) => { waiting.push(resolve) })
      else working += 1
      try {
        return await work()
      } finally {
        // Whoever waited goes on in this one's place.
        const next = waiting.shift()
        if (next === undefined) working -= 1
        else next()
      }
    },
  }
}
