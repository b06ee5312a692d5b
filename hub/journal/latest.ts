/** Writes values that each make the one before worthless: one at a time, and of those that came meanwhile the last. A failure is told and the next value is tried. */
export const makeLatest = <T>(write: (value: T) => Promise<unknown>, onError: (error: unknown) => void): ((value: T) => void) => {
  let waiting: { readonly value: T } | undefined
  let writing = false
  const run = async (): Promise<void> => {
    writing = true
    for (let next = waiting; next !== undefined; next = waiting) {
      waiting = undefined
      await write(next.value).catch(onError)
    }
    writing = false
  }
  return (value) => {
    waiting = { value }
    if (!writing) void run()
  }
}
