/** Wakes whoever waits. A raise with nobody waiting is remembered for the next waiter, so none is missed. */
export interface Signal {
  readonly raise: () => void
  /** Resolves at the next raise, or after `timeoutMs`. */
  readonly wait: (timeoutMs: number) => Promise<void>
}

export const makeSignal = (): Signal => {
  let raised = false
  let wake: (() => void) | undefined
  return {
    raise: () => {
      raised = true
      wake?.()
    },
    wait: (timeoutMs) => new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        wake = undefined
        raised = false
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      wake = done
      if (raised) done()
    }),
  }
}
