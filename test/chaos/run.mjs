#!/usr/bin/env node
// npm run chaos -- [--kills 15] [--seed N]: many processes of one hub under fire. Prints its seed; the same seed kills the same things in the same order.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { kills: { type: 'string', default: '15' }, seed: { type: 'string', default: String(randomInt(2 ** 31)) } } })
for (const [name, value] of Object.entries(values)) {
  if (!/^\d{1,10}$/.test(value)) {
    console.error(`--${name} takes a whole number, not '${value}'.`)
    process.exit(2)
  }
}
const ended = spawnSync(process.execPath, [fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url)), 'run', '--config', fileURLToPath(new URL('vitest.config.mjs', import.meta.url))], {
  stdio: 'inherit', cwd: fileURLToPath(new URL('../..', import.meta.url)), env: { ...process.env, CHAOS_KILLS: values.kills, CHAOS_SEED: values.seed },
})
process.exit(ended.status ?? 1)
