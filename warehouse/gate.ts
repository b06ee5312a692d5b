/** Holds one thing that many use at a time and that can be exchanged: whoever comes during the exchange waits for the new one. */
export const makeGate = <Thing>(first: Thing) => {
  let thing = first
  let exchanging: Promise<unknown> | undefined
  let users = 0
  let idle: (() => void) | undefined
  const leave = (): void => {
    users -= 1
    if (users === 0) idle?.()
  }
  return {
    /** The thing as it is, for what needs it neither open nor current. */
    look: () => thing,
    use: async <T>(work: (thing: Thing) => Promise<T>): Promise<T> => {
      while (exchanging !== undefined) await exchanging
      users += 1
      try {
        return await work(thing)
      } finally {
        leave()
      }
    },
    /** Waits until nobody uses the thing, then lets `work` make another of it. One exchange at a time. */
    exchange: async (work: (thing: Thing) => Promise<Thing>): Promise<void> => {
      while (exchanging !== undefined) await exchanging
      const done = (async () => {
        if (users > 0) await new Promise<void>((resolve) => { idle = resolve })
        idle = undefined
        thing = await work(thing)
      })()
      exchanging = done.catch(() => undefined).finally(() => { exchanging = undefined })
      await done
    },
  }
}
