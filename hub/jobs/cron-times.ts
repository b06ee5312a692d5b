import { parse, validateDetailed } from 'node-cron'
import { fail, ok, type Result } from '../../schemas/result.js'

/** When a job is due, in ms since 1970, whole minutes in UTC. */
export interface CronTimes {
  /** The last time at or before `nowMs`; undefined where there is none within five years. */
  readonly lastAt: (nowMs: number) => number | undefined
  /** The first time after `nowMs`; undefined where there is none within five years. */
  readonly nextAfter: (nowMs: number) => number | undefined
}

const dayMs = 86_400_000
const minuteMs = 60_000
const mostDays = 5 * 366

/**
 * The times of a cron expression of five fields (minute, hour, day of month, month, day of week), all of which must fit, as node-cron takes them. UTC alone: a local time may come
 * twice in a day or not at all. Fails with config-invalid.
 */
export const readCron = (expression: string): Result<CronTimes> => {
  const { valid, errors } = validateDetailed(expression)
  if (!valid) return fail('config-invalid', expression, errors[0]?.message ?? 'It is no cron expression.')
  const { minute, hour, dayOfMonth, month, dayOfWeek } = parse(expression)
  if (expression.trim().split(/\s+/).length !== 5 || [...dayOfMonth, ...dayOfWeek].some((one) => typeof one === 'string')) {
    return fail('config-invalid', expression, 'A job\'s time has five fields of numbers: minute, hour, day of month, month, day of week.')
  }
  const offsets = hour.flatMap((one) => minute.map((other) => (one * 60 + other) * minuteMs)).sort((a, b) => a - b)
  const isDay = (startMs: number): boolean => {
    const day = new Date(startMs)
    return dayOfMonth.includes(day.getUTCDate()) && month.includes(day.getUTCMonth() + 1) && dayOfWeek.includes(day.getUTCDay())
  }
  const find = (nowMs: number, step: 1 | -1, pick: (startMs: number) => number | undefined): number | undefined => {
    const today = Math.floor(nowMs / dayMs) * dayMs
    for (let days = 0; days <= mostDays; days++) {
      const startMs = today + step * days * dayMs
      const found = isDay(startMs) ? pick(startMs) : undefined
      if (found !== undefined) return startMs + found
    }
    return undefined
  }
  return ok({
    lastAt: (nowMs) => find(nowMs, -1, (startMs) => offsets.findLast((offset) => startMs + offset <= nowMs)),
    nextAfter: (nowMs) => find(nowMs, 1, (startMs) => offsets.find((offset) => startMs + offset > nowMs)),
  })
}
