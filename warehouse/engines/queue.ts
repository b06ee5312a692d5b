/** Runs pieces of work one after another, in the order in which they came. */
export const makeQueue = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work)
    last = result.catch(() => undefined)
    return result
  }
}

/** Lends out things of which each serves one piece of work at a time. */
export const makePool = <Thing>(things: readonly Thing[]) => {
  const free = [...things]
  const waiting: ((thing: Thing) => void)[] = []
  let closed = false
  const take = (): Promise<Thing> => {
    const thing = free.pop()
    return thing === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(thing)
  }
  const giveBack = (thing: Thing): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(thing)
    else next(thing)
  }
  return {
    use: async <T>(work: (thing: Thing) => Promise<T>): Promise<T> => {
      if (closed) throw new Error('The database is closed.')
      const thing = await take()
      try {
        return await work(thing)
      } finally {
        giveBack(thing)
      }
    },
    /** Waits until none is lent out and lends no more. */
    drain: async (): Promise<void> => {
      closed = true
      for (let taken = 0; taken < things.length; taken += 1) await take()
    },
  }
}
