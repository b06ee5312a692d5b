/** A path as it is served: `/messages/:id`, `/docs/*`. */
export interface ServedPath {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
}

/**
 * Gives the methods that a path takes, as a header Allow lists them, HEAD wherever GET is and OPTIONS everywhere; undefined where nothing is served. `:name` stands for
 * one segment, an empty one too, `*` at the end for any rest.
 */
export const makeAllowedMethods = (served: readonly ServedPath[]): ((path: string) => string | undefined) => {
  const patterns = served.map(({ method, path }) => ({ method, segments: path.split('/') }))
  return (path) => {
    const given = path.split('/')
    const methods = new Set(patterns.filter(({ segments }) => fits(segments, given)).map(({ method }) => method))
    if (methods.size === 0) return undefined
    return [...(methods.has('GET') ? ['GET', 'HEAD'] : []), ...(['POST', 'PUT', 'DELETE'] as const).filter((method) => methods.has(method)), 'OPTIONS'].join(', ')
  }
}

const fits = (wanted: readonly string[], given: readonly string[]): boolean => {
  const open = wanted.at(-1) === '*'
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false
  return wanted.every((segment, at) => segment === given[at] || (segment === '*' && open) || segment.startsWith(':'))
}
