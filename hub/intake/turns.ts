/** How messages take turns at being read, mapped and committed. */
export interface Turns {
  /** Waits for the turn of a message of this sender; what it gives says that the message is answered. */
  readonly enter: (sender: string) => Promise<() => void>
}

/**
 * How many messages may be between their turn and their answer: what fills a few batches of the commit. The others wait here, where who sends much waits for
 * himself. A turn of the event loop takes a few milliseconds.
 */
const most = { inside: 512, ofTurn: 24 } as const

/**
 * Lets one message of each sender in after another, whoever has how many waiting, and all that came in one turn of the event loop together: the code that reads
 * them stays in the processor's caches (docs/adr/0013).
 */
export const makeTurns = (limits: { readonly inside: number, readonly ofTurn: number } = most): Turns => {
  const waiting = new Map<string, ((leave: () => void) => void)[]>()
  let inside = 0
  let isPlanned = false
  const leaveOnce = (): (() => void) => {
    let left = false
    return () => {
      if (left) return
      left = true
      inside -= 1
      plan()
    }
  }
  /** The sender who was let in goes behind all others. */
  const letIn = (sender: string, queue: ((leave: () => void) => void)[]): void => {
    const next = queue.shift()
    waiting.delete(sender)
    if (queue.length > 0) waiting.set(sender, queue)
    inside += 1
    next?.(leaveOnce())
  }
  const run = (): void => {
    isPlanned = false
    for (let entered = 0; entered < limits.ofTurn && inside < limits.inside; entered++) {
      const first = waiting.entries().next()
      if (first.done === true) return
      letIn(...first.value)
    }
    plan()
  }
  const plan = (): void => {
    if (isPlanned || waiting.size === 0 || inside >= limits.inside) return
    isPlanned = true
    setImmediate(run)
  }
  return {
    enter: (sender) => new Promise((resolve) => {
      const queue = waiting.get(sender)
      if (queue === undefined) waiting.set(sender, [resolve])
      else queue.push(resolve)
      plan()
    }),
  }
}
