/**
 * Does work for many at once: what is given while a batch is under way is the next batch. Each is answered with what the batch says of it, or
 * rejected where the batch failed as often as it may.
 */
export const makeGathering = <Item, Answer>(work: (items: readonly Item[]) => Promise<readonly Answer[]>, { most, tries }: { readonly most: number, readonly tries: number }): ((item: Item) => Promise<Answer>) => {
  interface Waiting {
    readonly item: Item
    readonly resolve: (answer: Answer) => void
    readonly reject: (error: unknown) => void
  }
  const waiting: Waiting[] = []
  let isWorking = false
  const insist = async (items: readonly Item[], left: number): Promise<readonly Answer[]> => {
    try {
      return await work(items)
    } catch (error) {
      if (left <= 1) throw error
      return insist(items, left - 1)
    }
  }
  const workOff = async (): Promise<void> => {
    isWorking = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most)
      try {
        const answers = await insist(batch.map(({ item }) => item), tries)
        for (const [index, { resolve, reject }] of batch.entries()) {
          const answer = answers[index]
          if (answer === undefined) reject(new Error('the batch has no answer to this'))
          else resolve(answer)
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isWorking = false
  }
  return (item) => new Promise((resolve, reject) => {
    waiting.push({ item, resolve, reject })
    if (!isWorking) void workOff()
  })
}
