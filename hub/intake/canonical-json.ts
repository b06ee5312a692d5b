/** JSON with the members of every object in the order of their names, so that equal content is equal text. Members that are undefined are left out. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value))

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members: Readonly<Record<string, unknown>> = { ...value }
  const ordered: Record<string, unknown> = {}
  for (const name of Object.keys(members).sort()) ordered[name] = sorted(members[name])
  return ordered
}
