/** What is thrown while an entry is folded hangs on nothing but the entry and what was read for it: a fault of ours, and always the same for it. */
export const makeFold = <T>(fold: () => T): T => {
  try {
    return fold()
  } catch (error) {
    throw Object.assign(new Error(`It cannot be followed: ${error instanceof Error ? error.message : String(error)}`, { cause: error }), { isFold: true })
  }
}

/**
 * Why an entry will always be refused: the SQLSTATE with which PostgreSQL refuses what is to be written, of data exceptions (22), broken constraints (23) and
 * limits of the program (54), as in its documentation, appendix A; or `fold-error` where makeFold failed. Undefined for any other error.
 */
export const refusedData = (error: unknown): string | undefined => {
  if (error instanceof Error && 'isFold' in error) return 'fold-error'
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^(22|23|54)[0-9A-Z]{3}$/.test(code) ? code : undefined
}
