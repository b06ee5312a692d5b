import { fail, ok, type Result } from '../schemas/result.js'
import type { Wait } from './contract.js'

const followers: readonly string[] = ['crm', 'warehouse']
const defaultTimeoutMs = 5_000
const maxTimeoutMs = 60_000

/**
 * Reads `crm,warehouse` and a time to wait, 5,000 ms where none is given. Undefined when nothing is to be waited for. Fails
 * with request-invalid at `wait` or `timeoutMs`.
 */
export const readWait = (wait: string | undefined, timeoutMs: string | undefined): Result<Wait | undefined> => {
  if (timeoutMs !== undefined && !(/^[0-9]{1,6}$/.test(timeoutMs) && Number(timeoutMs) <= maxTimeoutMs)) {
    return fail('request-invalid', 'timeoutMs', `${JSON.stringify(timeoutMs)} is not a number of milliseconds from 0 to ${maxTimeoutMs}.`)
  }
  if (wait === undefined) return ok(undefined)
  const names = wait.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !followers.includes(name))
  if (unknown !== undefined) return fail('request-invalid', 'wait', `There is nothing named ${JSON.stringify(unknown)} to wait for; there are ${followers.join(' and ')}.`)
  return ok({ followers: [...new Set(names)], timeoutMs: timeoutMs === undefined ? defaultTimeoutMs : Number(timeoutMs) })
}
