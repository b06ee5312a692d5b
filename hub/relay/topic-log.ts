/** What the relay and the followers ask of a topic of one partition. Told without Kafka, so that it can be played in memory. */
export interface TopicLog {
  /** The first offset that there is, and the one that the next record will get. */
  readonly range: () => Promise<OffsetRange>
  /**
   * Records from an offset on, as many as come with one request. `next` is where to read on, beyond `offset` where anything was read, be it no record. Rejects where
   * the offset is outside of the range.
   */
  readonly read: (offset: number, options: ReadOptions) => Promise<LogPiece>
  readonly close: () => Promise<void>
}

export interface OffsetRange {
  readonly low: number
  readonly high: number
}

export interface ReadOptions {
  /** How long to wait at most where there is no record yet. */
  readonly waitMs: number
  /** How much to give at most; one record comes whatever its size. */
  readonly mostBytes: number
}

export interface LogPiece {
  readonly records: readonly LogRecord[]
  readonly next: number
}

export interface LogRecord {
  readonly offset: number
  /** The journal number, from the record's key; undefined where a stranger wrote the record. */
  readonly number: number | undefined
  readonly value: Uint8Array
}

/** The number that a key says. */
export const numberOfKey = (key: string | undefined): number | undefined => (key !== undefined && /^[1-9]\d{0,15}$/.test(key) ? Number(key) : undefined)
