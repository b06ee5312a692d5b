/** A field that two documents say differently; `before` or `after` is absent where one of them has none. */
export interface Difference {
  /** `lines[number=2].quantity.value` */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields in which two documents differ, by their paths, in the order of the first. Members of lists that have a number of their own are compared by it, others by their places. */
export const compareDocuments = (before: unknown, after: unknown): readonly Difference[] => differencesOf(before, after, '')

const differencesOf = (before: unknown, after: unknown, path: string): readonly Difference[] => {
  if (before === after) return []
  if (isObject(before) && isObject(after)) return ofMembers(before, after, (name) => (path === '' ? name : `${path}.${name}`))
  if (Array.isArray(before) && Array.isArray(after)) return ofLists(before, after, path)
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
}

const ofMembers = (before: Members, after: Members, pathOf: (name: string) => string): readonly Difference[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => differencesOf(before[name], after[name], pathOf(name)))

const ofLists = (before: readonly unknown[], after: readonly unknown[], path: string): readonly Difference[] => {
  const [numberedBefore, numberedAfter] = [byNumber(before), byNumber(after)]
  if (numberedBefore !== undefined && numberedAfter !== undefined) return ofMembers(numberedBefore, numberedAfter, (number) => `${path}[number=${number}]`)
  return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_each, index) => differencesOf(before[index], after[index], `${path}[${index}]`))
}

/** A list whose members have a number each, no two the same. */
const byNumber = (list: readonly unknown[]): Members | undefined => {
  const members: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const one of list) {
    const number = isObject(one) ? one['number'] : undefined
    if (typeof number !== 'string' || number in members) return undefined
    members[number] = one
  }
  return members
}
