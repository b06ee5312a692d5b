const tops = 'schemas|mappings|connectors|warehouse|hub|bench|test|portal'
const mayOnlyReach = (name, from, allowed, comment) => ({
  name, comment, severity: 'error',
  from: { path: from },
  to: { path: `^(${tops})/`, pathNot: allowed },
})

/** The house rules of docs/ARCHITECTURE.md, each with its reason. `npm run imports` runs them. */
export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true },
      comment: 'Two files that need each other are one file or miss a third; type-only circles hide the same fault.' },
    mayOnlyReach('schemas-is-the-leaf', '^schemas/', '^schemas/', 'What everyone agrees on may depend on nobody.'),
    mayOnlyReach('mappings-know-schemas-only', '^mappings/', '^(mappings|schemas)/', 'A mapping knows no transport and no store, so it can be tested without the hub.'),
    mayOnlyReach('connectors-know-schemas-only', '^connectors/', '^(connectors|schemas/(?!canonical/))', 'A connector knows no canonical document and no store, so it can be exchanged.'),
    mayOnlyReach('warehouse-knows-schemas-only', '^warehouse/', '^(warehouse|schemas)/', 'The warehouse is built from journal entries alone, so it can run in a process of its own.'),
    { name: 'nothing-imports-test-or-bench', severity: 'error', comment: 'What runs must not need what only checks it; a test measures nothing, a bench tests nothing.',
      from: { pathNot: '^test/' }, to: { path: '^test/' } },
    { name: 'only-the-cli-runs-the-bench', severity: 'error', comment: 'bench/ measures what stands; only `chainhub bench` starts it, by name.',
      from: { pathNot: '^(bench|test)/' }, to: { path: '^bench/' } },
    { name: 'only-compose-knows-the-outer-rooms', severity: 'error',
      comment: 'Inside hub only compose.ts and its folder join connectors, warehouse and mappings to the rest; the CLI may run the mapping dry and call a partner.',
      from: { path: '^hub/', pathNot: '^hub/(compose|compose/[a-z-]+|cli/(map|call))\\.ts$' },
      to: { path: '^(connectors|warehouse|mappings)/', pathNot: '^connectors/contract\\.ts$' } },
    { name: 'only-compose-knows-the-stores', severity: 'error',
      comment: 'Every other file takes what it needs as arguments; SQL stands in hub/central and hub/crm.',
      from: { path: '^hub/(intake|identity|delivery|views|access|ops|http|journal)/' },
      to: { path: '^hub/(central|crm)/', dependencyTypesNot: ['type-only'] } },
    { name: 'pg-only-in-the-stores', severity: 'error', comment: 'PostgreSQL is spoken to from hub/central and hub/crm, over the connection that hub/ops opens.',
      from: { path: '^(schemas|mappings|connectors|warehouse|hub)/', pathNot: '^hub/(ops|central|crm)/' }, to: { path: '(^|/)node_modules/(@types/)?pg(-cursor)?/' } },
    { name: 'duckdb-only-in-engines', severity: 'error', comment: 'DuckDB is reached only through warehouse/engines.',
      from: { path: `^(${tops})/`, pathNot: '^(warehouse/engines|test|bench)/' }, to: { path: '(^|/)node_modules/@duckdb/' } },
    { name: 'fastify-only-in-http', severity: 'error', comment: 'hub/http owns fastify; connectors are mounted by it.',
      from: { path: '^(schemas|mappings|connectors|warehouse|hub)/', pathNot: '^hub/http/' }, to: { path: '(^|/)node_modules/(fastify|@fastify)/' } },
    { name: 'node-soap-only-in-its-cage', severity: 'error', comment: 'Its parser is slow, synchronous and dies on hostile input; it runs in a worker thread and does one thing (docs/adr/0010).',
      from: { path: `^(${tops})/`, pathNot: '^(connectors/soap-client/envelope-writer\\.ts$|test/)' }, to: { path: '(^|/)node_modules/soap/' } },
    { name: 'nothing-reaches-into-the-cage', severity: 'error', comment: 'What runs in the worker thread is loaded by the worker alone: imported elsewhere it would run on the hub\'s own thread.',
      from: { path: `^(${tops})/`, pathNot: '^(connectors/soap-client/worker\\.ts$|test/)' }, to: { path: '^connectors/soap-client/envelope-writer\\.ts$', dependencyTypesNot: ['type-only'] } },
    { name: 'no-fast-xml-parser-where-others-bytes-come-in', severity: 'error', comment: 'It takes documents that are not well-formed and turns ids into numbers (docs/adr).',
      from: { path: '^(schemas|mappings|connectors|warehouse|hub)/' }, to: { path: '(^|/)node_modules/fast-xml-parser/' } },
    { name: 'nothing-unresolvable', severity: 'error', comment: 'An import that resolves to nothing breaks at run time.', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.mjs', '.d.ts'] },
  },
}
