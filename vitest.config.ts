import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{schemas,mappings,connectors,warehouse,hub,bench,test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
