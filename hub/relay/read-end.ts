import type { LogRecord, TopicLog } from './topic-log.js'

/** Where the journal's topic ends. */
export interface TopicEnd {
  /** The last record of the unbroken run of numbers at the end: what comes next is its number and one. Undefined where there is none. */
  readonly last: LogRecord & { readonly number: number } | undefined
  /** The offset that the next record will get. */
  readonly nextOffset: number
}

/**
 * Reads the end of the topic. At least `span` records are looked at, more than one send has: a run that breaks off among them (records of the end were lost
 * and others written behind) ends before the gap, and all after it is to be written again.
 */
export const readEnd = async (log: TopicLog, span: number): Promise<TopicEnd> => {
  const { low, high } = await log.range()
  for (let back = span; ; back *= 4) {
    const from = Math.max(low, high - back)
    const last = lastOfRun(await readRange(log, from, high))
    if (last !== undefined || from === low) return { last, nextOffset: high }
  }
}

const readRange = async (log: TopicLog, from: number, to: number): Promise<readonly LogRecord[]> => {
  const records: LogRecord[] = []
  for (let offset = from; offset < to;) {
    const { records: read, next } = await log.read(offset, { waitMs: 1_000, mostBytes: 4_194_304 })
    if (next === offset) throw new Error(`The topic gave nothing at offset ${offset}, though it goes on to ${to}.`)
    records.push(...read.filter((record) => record.offset < to))
    offset = next
  }
  return records
}

const lastOfRun = (records: readonly LogRecord[]): TopicEnd['last'] => {
  let last: TopicEnd['last']
  for (const { number, ...record } of records) {
    if (number !== undefined && (last === undefined || number === last.number + 1)) last = { ...record, number }
  }
  return last
}
