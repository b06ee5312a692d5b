/** What is costly to make, such as a compiled schema, made at its first use and then kept. */
export const lazily = <T extends object>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => (made ??= make())
}
