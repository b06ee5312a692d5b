#!/usr/bin/env node
import { existsSync } from 'node:fs'

const built = new URL('../dist/hub/cli.js', import.meta.url)
if (existsSync(built)) {
  const { main } = await import(built.href)
  process.exitCode = await main(process.argv.slice(2))
} else {
  console.error('Chainhub is not built here. Run `npm ci` (or `npm run build`) in its folder.')
  process.exitCode = 2
}
