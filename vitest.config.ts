import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{schemas,mappings,connectors,warehouse,hub,bench,test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    // Files share what they import: reading the sources anew for each took a third of the processor time of the quick ones. So no test leaves anything changed in a module.
    isolate: false,
    setupFiles: ['test/fixtures/setup.ts'],
  },
})
