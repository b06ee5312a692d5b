import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{schemas,mappings,connectors,warehouse,hub,bench,test}/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for comes soon or never; a machine that does much else may take its time.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    maxWorkers: 2,
    // Files share what they import: reading the sources anew for each took a third of the processor time of the quick ones. So no test leaves anything changed in a module.
    isolate: false,
    setupFiles: ['test/fixtures/setup.ts'],
  },
})
