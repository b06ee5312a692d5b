const pattern = /^P(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/

/** An ISO 8601 duration in days, hours, minutes and seconds, in ms; undefined where it is none, or of no length. */
export const readDuration = (text: string): number | undefined => {
  const found = pattern.exec(text)
  if (found === null) return undefined
  const [days, hours, minutes, seconds] = found.slice(1, 5).map((part) => Number(part as string | undefined ?? '0'))
  const ms = ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000
  return ms === 0 ? undefined : ms
}

/** What people are told a duration looks like. */
export const durationHint = 'write a duration as in ISO 8601: PT30M, PT1H, P1D, P1DT12H'
