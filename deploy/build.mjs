import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { build } from 'rolldown'

/**
 * The build: what a start reads, in few files (docs/adr/0006-few-files-for-a-start.md). Each entry stands under dist/ where its source stands in the project, so that
 * connectors, cubes and functions are found by their folder there as among the sources; what entries share goes to dist/shared/.
 */
const found = [
  'hub/cli.ts',
  // Looked up by folder or by path while the hub runs.
  ...inEach('connectors', 'connector.ts'), ...inEach('mappings', 'functions.ts'), ...inFolder('warehouse/model/cubes', /\.ts$/),
  // Threads and programs of their own.
  'connectors/soap-client/worker.ts', 'hub/intake/schema-sets/validation-worker.ts', 'mappings/build-maps.ts',
  // Tests run these built, in a process of their own.
  'hub/ops/embedded-postgres.ts', 'connectors/registry.ts', 'warehouse/open-warehouse.ts',
  ...inFolder('bench', /(\.bench|-server|-reader)\.ts$/),
]

/** Packages that every start loads: they go into our files, since finding and reading their thousand small ones took half of a start. All others are imported when they are needed. */
const bundled = new Set(['@duckdb/node-api', '@sinclair/typebox', 'ajv', 'fastify', 'pg', 'pino', 'prom-client', 'yaml'])

function inEach(folder, file) {
  return readdirSync(folder).map((name) => `${folder}/${name}/${file}`).filter((path) => existsSync(path))
}

function inFolder(folder, name) {
  return readdirSync(folder).filter((file) => name.test(file) && !file.endsWith('.test.ts')).map((file) => `${folder}/${file}`)
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const apart = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter((name) => !bundled.has(name))

const dayMs = 86_400_000

/** A hub that runs may still load what an earlier build made for it: such files, whose names have a hash, stay for a day. */
const clear = (folder) => {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const path = `${folder}/${name}`
    if (path === 'dist/shared') clear(path)
    else if (folder === 'dist' || statSync(path).mtimeMs < Date.now() - dayMs) rmSync(path, { recursive: true })
  }
}

clear('dist')

await build({
  input: Object.fromEntries(found.map((path) => [path.slice(0, -'.ts'.length), path])),
  platform: 'node',
  external: [...apart.map((name) => new RegExp(`^${name}(/|$)`)), '@duckdb/node-bindings', 'pg-native'],
  logLevel: 'warn',
  output: {
    dir: 'dist', format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'shared/[name]-[hash].js', sourcemap: true,
  },
})
