/**
 * The SQLSTATE with which PostgreSQL refuses what is to be written and will always refuse it: data exceptions (22), broken constraints (23) and
 * limits of the program (54), as in its documentation, appendix A. Undefined for any other error.
 */
export const refusedData = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^(22|23|54)[0-9A-Z]{3}$/.test(code) ? code : undefined
}
