/** For how long this process has run, in ms: for durations and deadlines, which a clock that is set forward or back must not change. */
export const elapsedMs = (): number => performance.now()
