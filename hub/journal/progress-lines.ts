/** Tells what long work is doing, as lines of JSON that come while it runs. `work` goes on when nobody listens any more. */
export const progressLines = (work: (tell: (step: object) => void) => Promise<void>): AsyncIterable<string> => {
  let open = true
  return new ReadableStream<string>({
    start: async (lines) => {
      const tell = (step: object): void => { if (open) lines.enqueue(`${JSON.stringify(step)}\n`) }
      try {
        await work(tell)
      } catch (error) {
        tell({ step: 'failed', detail: error instanceof Error ? error.message : String(error) })
      }
      if (open) lines.close()
    },
    cancel: () => { open = false },
  })
}
