import { mkdirSync, writeFileSync } from 'node:fs'
import { defineConfig, type RolldownPluginOption } from 'rolldown'

/**
 * The packages that every start loads. Of their thousand small files one each is made, under dist/node_modules, where the built code finds them first:
 * reading them one by one took half of the time of a start (docs/adr/0006-packages-in-one-file.md).
 */
const packages = {
  '@duckdb/node-api': ['.'],
  '@sinclair/typebox': ['.', './value'],
  // The other two serve the thread that validates; beside the first they must stand, since node finds all of a package in one place.
  ajv: ['.', './dist/2019.js', './dist/2020.js'],
  fastify: ['.'],
  pg: ['.'],
  pino: ['.'],
  'prom-client': ['.'],
  yaml: ['.'],
}

const folder = 'dist/node_modules'

const addresses = Object.entries(packages).flatMap(([name, paths]) => paths.map((path) => ({ name, path, address: path === '.' ? name : `${name}${path.slice(1)}` })))

const entry = 'entry:'

/** An entry that exports by name all that node finds in the package, also where the package is CommonJS. */
const entries: RolldownPluginOption = {
  name: 'entries',
  resolveId: (id) => (id.startsWith(entry) ? id : null),
  load: async (id) => {
    if (!id.startsWith(entry)) return null
    const address = id.slice(entry.length)
    const module: unknown = await import(address)
    const exported = typeof module === 'object' && module !== null ? Object.keys(module) : []
    const names = exported.filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default')
    return `export { ${names.join(', ')} } from '${address}'\n${exported.includes('default') ? `export { default } from '${address}'\n` : ''}`
  },
}

const fileOf = (path: string): string => (path === '.' ? 'index' : path.slice(2))

const writeManifests = (): void => {
  for (const [name, paths] of Object.entries(packages)) {
    mkdirSync(`${folder}/${name}`, { recursive: true })
    const exports = Object.fromEntries(paths.map((path) => [path, `./${fileOf(path)}.js`]))
    writeFileSync(`${folder}/${name}/package.json`, JSON.stringify({ name, type: 'module', exports }))
  }
}

writeManifests()

export default defineConfig({
  input: Object.fromEntries(addresses.map(({ name, path, address }) => [`${name}/${fileOf(path)}`, `${entry}${address}`])),
  platform: 'node',
  external: ['@duckdb/node-bindings', 'pg-native'],
  plugins: [entries],
  logLevel: 'warn',
  output: { dir: folder, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'shared/[name].js', minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } } },
})
