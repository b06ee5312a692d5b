import { Worker } from 'node:worker_threads'
import type { Question, Reply, WorkerData } from './worker-messages.js'

/** Without its id, which the thread gives it. */
export type Asked = Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never

/** Why there is no reply: the question itself took too long or killed the thread, or another one did. */
export type Lost = 'slow' | 'crashed' | 'bystander'

/** One life of the thread that validates. */
export interface ValidationThread {
  /** The time that a question may take is counted from when the thread comes to it. */
  readonly ask: (asked: Asked, deadlineMs: number) => Promise<Reply | Lost>
  readonly alive: () => boolean
  readonly close: () => Promise<void>
}

export interface ThreadDeps {
  /** The compiled validation-worker. */
  readonly file: string
  readonly nowMs: () => number
  readonly onLost: (reason: Exclude<Lost, 'bystander'>, detail: string) => void
}

interface Waiting {
  readonly deadlineMs: number
  readonly settle: (reply: Reply | Lost) => void
}

/** Questions that are sent at once; each waits for the replies to all. */
const batchSize = 8
const watchMs = 100
const heapMb = 512

/** Starts a thread. What it is asked in one turn of the event loop goes to it together. */
export const startValidationThread = ({ file, nowMs, onLost }: ThreadDeps): ValidationThread => {
  const current = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(file, { workerData: { current } satisfies WorkerData, resourceLimits: { maxOldGenerationSizeMb: heapMb } })
  const waiting = new Map<number, Waiting>()
  let outbox: Question[] = []
  let lastId = 0
  let alive = true
  let reason = ''
  let watch: NodeJS.Timeout | undefined

  const end = (why: 'slow' | 'crashed' | 'bystander'): void => {
    if (!alive) return
    alive = false
    clearInterval(watch)
    const at = Atomics.load(current, 0)
    for (const [id, { settle }] of waiting) settle(id === at ? why : 'bystander')
    waiting.clear()
    if (why !== 'bystander') onLost(why, reason)
  }
  worker.on('message', (replies: readonly Reply[]) => {
    for (const reply of replies) {
      waiting.get(reply.id)?.settle(reply)
      waiting.delete(reply.id)
    }
    if (waiting.size > 0) return
    clearInterval(watch)
    watch = undefined
    worker.unref()
  })
  worker.on('error', (error: unknown) => { reason = error instanceof Error ? error.message : String(error) })
  worker.on('exit', () => { end('crashed') })
  worker.unref()

  const seen = { id: 0, sinceMs: 0 }
  const look = (): void => {
    const id = Atomics.load(current, 0)
    if (id !== seen.id) Object.assign(seen, { id, sinceMs: nowMs() })
    const at = waiting.get(id)
    if (at === undefined || nowMs() - seen.sinceMs < at.deadlineMs) return
    reason = `question ${id} took more than ${at.deadlineMs} ms`
    end('slow')
    void worker.terminate()
  }
  const flush = (): void => {
    const questions = outbox
    outbox = []
    for (let from = 0; from < questions.length; from += batchSize) worker.postMessage(questions.slice(from, from + batchSize))
  }
  return {
    alive: () => alive,
    ask: (asked, deadlineMs) => new Promise((resolve) => {
      if (!alive) {
        resolve('bystander')
        return
      }
      const id = ++lastId
      waiting.set(id, { deadlineMs, settle: resolve })
      worker.ref()
      watch ??= setInterval(look, watchMs)
      if (outbox.push({ ...asked, id }) === 1) setImmediate(flush)
    }),
    close: async () => {
      end('bystander')
      await worker.terminate()
    },
  }
}
