/** Order numbers of 11 characters that are no two alike, in an order that jumps about as those of many buyers do. */
export const makeOrderNumbers = (name: string): (() => string) => {
  let state = 1
  return () => {
    // A linear congruential generator of full period 2^32 (Numerical Recipes, section 7.1): no number comes twice.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return `${name.slice(0, 3).padEnd(3, '-')}${state.toString(16).padStart(8, '0')}`
  }
}
