#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

// V8 places objects among the old ones where it has once seen their like live long; trees of documents that wait for a commit teach it that, and reading gets slower (docs/adr/0012).
setFlagsFromString('--no-allocation-site-pretenuring')

const built = new URL('../dist/hub/cli.js', import.meta.url)
if (existsSync(built)) {
  const { main } = await import(built.href)
  process.exitCode = await main(process.argv.slice(2))
} else {
  console.error('Chainhub is not built here. Run `npm ci` (or `npm run build`) in its folder.')
  process.exitCode = 2
}
