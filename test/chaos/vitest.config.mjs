import { defineConfig } from 'vitest/config'

const minute = 60_000

/** Apart from the tests: it takes minutes, and as many kills as one likes. */
export default defineConfig({
  test: {
    include: ['test/chaos/*.chaos.ts'],
    testTimeout: 10 * minute,
    hookTimeout: 600 * minute,
    pool: 'forks',
    disableConsoleIntercept: true,
  },
})
