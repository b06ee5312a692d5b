/** JSON with the members of every object in the order of their names, so that equal content is equal text. Members that are undefined are left out. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value))

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const ordered: Record<string, unknown> = {}
  for (const name of inOrder(Object.keys(value))) ordered[name] = sorted(value[name])
  return ordered
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** Sorted by insertion: a few names, often in order already, for which Array.sort takes many times as long. */
const inOrder = (names: string[]): readonly string[] => {
  for (let end = 1; end < names.length; end++) {
    const name = names[end] ?? ''
    let at = end
    for (let before = names[at - 1]; before !== undefined && before > name; before = names[at - 1]) names[at--] = before
    names[at] = name
  }
  return names
}
