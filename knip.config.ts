import type { KnipConfig } from 'knip'

export default {
  entry: [
    'hub/cli.ts',
    'connectors/*/connector.ts',
    'connectors/soap-client/worker.ts',
    'hub/intake/schema-sets/validation-worker.ts',
    'bench/*.bench.ts',
    'bench/bare-server.ts', 'bench/receiving-server.ts', 'bench/node-soap-server.ts',
    'mappings/*/functions.ts',
    'mappings/build-maps.ts',
    'warehouse/model/cubes/*.ts',
    'test/**/*.test.ts',
    'test/chaos/*.chaos.ts',
    'test/**/*-{client,server}.mjs'
  ],
  project: [
    '{schemas,mappings,connectors,warehouse,hub,bench,test}/**/*.ts',
    'test/**/*-{client,server}.mjs'
  ],
  ignoreExportsUsedInFile: true,
  ignoreBinaries: [
    'java',
    'mount',
    'php',
    'umount',
    'xmllint'
  ]
} satisfies KnipConfig
