import { Worker } from 'node:worker_threads'
import { projectFolder } from '../../schemas/project-folder.js'
import { fail, type Failure, type Result } from '../../schemas/result.js'
import type { CageAnswers, CageRequest, FromWorker, ToWorker } from './cage-protocol.js'
import type { FetchDocument } from './load-documents.js'

/** A worker thread that holds one partner's description. */
export interface Cage {
  readonly ask: <Kind extends CageRequest['kind']>(request: Extract<CageRequest, { readonly kind: Kind }>, timeoutMs: number) => Promise<Result<CageAnswers[Kind]>>
  /** Whether it has ended, by itself or by force. */
  readonly ended: () => boolean
  readonly close: () => Promise<void>
}

/** Node runs no TypeScript in a thread, so that the sources run the built worker. */
const workerFile = (): string => projectFolder('dist', 'connectors', 'soap-client', 'worker.js')

const tooCostly = (what: string): Failure => fail('wsdl-too-costly', 'description', what)

interface Pending {
  readonly resolve: (result: Result<unknown>) => void
  readonly timer: NodeJS.Timeout
}

/**
 * Starts a worker thread with `memoryMb` of heap and neither environment nor standard streams of the hub's. What is asked
 * fails with wsdl-too-costly when the thread takes longer than it may or ends for want of memory; the thread is gone then.
 */
export const openCage = (memoryMb: number, fetchDocument: FetchDocument): Cage => {
  const worker = new Worker(workerFile(), { resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 }, env: {}, stdin: false, stdout: true, stderr: true })
  const pending = new Map<number, Pending>()
  let last = 0
  let end: Failure | undefined
  const stop = (failure: Failure): void => {
    end ??= failure
    for (const { resolve, timer } of pending.values()) {
      clearTimeout(timer)
      resolve(end)
    }
    pending.clear()
  }
  const send = (message: ToWorker): void => { worker.postMessage(message) }
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'fetch') {
      void fetchDocument(message.address).then((result) => { if (end === undefined) send({ type: 'fetched', id: message.id, result }) })
      return
    }
    const asked = pending.get(message.id)
    if (asked === undefined) return
    clearTimeout(asked.timer)
    pending.delete(message.id)
    if (pending.size === 0) worker.unref()
    asked.resolve(message.result)
  })
  worker.on('error', (error: Error & { readonly code?: string }) => {
    stop(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooCostly(`It takes more than ${memoryMb} MB of memory.`) : fail('wsdl-invalid', 'description', `Reading it failed: ${error.message.replace(/\s+/g, ' ').slice(0, 200)}`))
  })
  worker.on('exit', () => { stop(tooCostly('The thread that held it has ended.')) })
  // Nobody reads them; unread they would fill up and halt the thread.
  worker.stdout.resume()
  worker.stderr.resume()
  worker.unref()

  const ask = <Kind extends CageRequest['kind']>(request: Extract<CageRequest, { readonly kind: Kind }>, timeoutMs: number): Promise<Result<CageAnswers[Kind]>> => new Promise((resolve) => {
    if (end !== undefined) {
      resolve(end)
      return
    }
    const id = ++last
    const timer = setTimeout(() => {
      stop(tooCostly(`It took longer than ${timeoutMs} ms.`))
      void worker.terminate()
    }, timeoutMs)
    // The worker is ours and answers each kind as CageAnswers says.
    pending.set(id, { resolve: resolve as Pending['resolve'], timer })
    worker.ref()
    send({ type: 'request', id, request })
  })
  return {
    ask,
    ended: () => end !== undefined,
    close: async () => {
      stop(tooCostly('It was closed.'))
      await worker.terminate()
    },
  }
}
