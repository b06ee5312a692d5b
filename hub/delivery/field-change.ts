/** A path in a canonical document: `lines[].quantity.value`. */
export const pathPattern = '^[A-Za-z][A-Za-z0-9]*(\\[\\])?(\\.[A-Za-z][A-Za-z0-9]*(\\[\\])?)*$'

/** Every value at a path, in their order, with a hole where an item of a list has none. */
const valuesAt = (value: unknown, steps: readonly string[]): readonly unknown[] => {
  const [step, ...rest] = steps
  if (step === undefined) return [value]
  const listed = step.endsWith('[]')
  const name = listed ? step.slice(0, -2) : step
  const member: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  if (!listed) return valuesAt(member, rest)
  return Array.isArray(member) ? member.flatMap((item) => valuesAt(item, rest)) : []
}

/** The same text for the same value, whatever order its members stand in. */
const spelled = (value: unknown): string => JSON.stringify(value, (_name, member: unknown) =>
  (typeof member === 'object' && member !== null && !Array.isArray(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member))

/** Whether what stands at the path differs between two revisions of a document. */
export const isChanged = (path: string, before: object, after: object): boolean => {
  const steps = path.split('.')
  return spelled(valuesAt(before, steps)) !== spelled(valuesAt(after, steps))
}
