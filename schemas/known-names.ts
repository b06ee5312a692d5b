/** By their letters: names and namespaces that maps and descriptions say, each as the one string that all of them use. */
const names = new Map<string, string>()

/**
 * Makes a name known, and gives the one string that it is from now on. Comparing and looking up strings that are one and the same costs a comparison of
 * addresses; equal ones that every document brings along cost one of letters, for each element at each step. Documents add nothing, so that the list ends.
 */
export const knownName = (name: string): string => {
  const known = names.get(name)
  if (known !== undefined) return known
  // A key of an object is what V8 keeps once, the same as a literal in the code.
  const [kept = name] = Object.keys({ [name]: true })
  names.set(kept, kept)
  return kept
}

/** The one string of a name that is known; any other as it is. */
export const sameName = (name: string): string => names.get(name) ?? name
