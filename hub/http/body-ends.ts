/** Codes of the errors with which the reading of a body ends: the hub holds as much as it may, or the sender is too slow. */
export const busyCode = 'busy'
export const lateCode = 'late'

/** What has to come of a body in a stretch of time: a line of 1 kB a second is the slowest that is served. */
export const pace = { bytes: 64 * 1024, withinMs: 60_000 } as const
export const lateWords = `In ${pace.withinMs / 1000} s less than ${pace.bytes / 1024} KiB of the body came, and it was not whole; send it again, over a faster line or compressed.`
export const fullWords = 'The hub holds as much of messages as its memory bears; send it again shortly.'

export const refused = (text: string, code: string, statusCode: number): Error => Object.assign(new Error(text), { code, statusCode })
