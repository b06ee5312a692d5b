interface RepeatDeps {
  /** Between the end of one round and the start of the next, and before the first. */
  readonly everyMs: number
  readonly work: () => Promise<void>
  readonly onError: (error: unknown) => void
}

/** Does `work` again and again, one round at a time; a round that fails is told and the next one comes. Keeps no process alive. `stop` waits for a round that is at work. */
export const startRepeating = ({ everyMs, work, onError }: RepeatDeps): { readonly stop: () => Promise<void> } => {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let round = Promise.resolve()
  const plan = (): void => {
    timer = setTimeout(() => {
      round = work().catch(onError).then(() => { if (!stopped) plan() })
    }, everyMs).unref()
  }
  plan()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await round
    },
  }
}
