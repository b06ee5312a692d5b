import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { beat, deleteOldProcesses, deleteProcess, disownAll, insertProcess, setProcessUrl } from '../central/processes.js'
import type { Database } from '../ops/database.js'
import { startRepeating } from '../ops/repeat.js'
import type { ProcessRole } from '../process-roles.js'

/** This process among those of the hub. */
export interface OwnProcess {
  readonly id: string
  /** Whether other processes live, as far as is known. */
  readonly hasOthers: () => boolean
  /** Tells the others where this one is reached. */
  readonly reachedAt: (url: string) => Promise<void>
  /** Says that it ends. */
  readonly leave: () => Promise<void>
}

interface RegisterDeps {
  readonly central: Database
  readonly roles: readonly ProcessRole[]
  readonly version: string
  /** Whether no other process can have this database open: then all that is listed is left behind. */
  readonly alone: boolean
  readonly log: Logger
}

const beatMs = 1_000

/** Enters this process in the list of those that live, and keeps it there. */
export const registerProcess = async ({ central, roles, version, alone, log }: RegisterDeps): Promise<OwnProcess> => {
  const id = randomUUID()
  let [url, others]: [string | null, number] = [null, 0]
  const enter = (): Promise<unknown> => insertProcess(central, { id, roles, url, version, host: hostname(), pid: process.pid })
  const round = async (): Promise<void> => {
    const state = await beat(central, id)
    others = state.others
    if (!state.listed) await enter()
  }
  if (alone) await disownAll(central)
  else await deleteOldProcesses(central)
  await round()
  const beating = startRepeating({ everyMs: beatMs, work: round, onError: (error) => { log.warn({ err: error }, 'the heartbeat of this process was not written; the next one will be') } })
  return {
    id,
    hasOthers: () => others > 0,
    reachedAt: async (where) => {
      url = where
      await setProcessUrl(central, id, where)
    },
    leave: async () => {
      await beating.stop()
      await deleteProcess(central, id)
    },
  }
}
