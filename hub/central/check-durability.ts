import { fail, ok, type Result } from '../../schemas/result.js'
import type { Tx } from '../ops/database.js'

/** Acknowledged means committed: fails with config-invalid on a server that may lose what it said was committed. */
export const checkDurability = async (tx: Tx): Promise<Result<void>> => {
  const [off] = await settingsThatAreOff(tx)
  if (off !== undefined) return fail('config-invalid', off.name, `PostgreSQL runs with ${off.name}=off and would lose messages that were acknowledged; set it to on.`)
  return ok(undefined)
}

const settingsThatAreOff = (tx: Tx) =>
  tx.query<{ name: string }>('select name from pg_settings where name in (\'fsync\', \'full_page_writes\', \'synchronous_commit\') and setting = \'off\'')
