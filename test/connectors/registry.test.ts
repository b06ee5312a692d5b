import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { findConnectors } from '../../connectors/registry.js'
import { projectFolder } from '../../schemas/project-folder.js'

test('every folder with a connector is found, by name, without a list', async () => {
  const connectors = await findConnectors()
  const names = connectors.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['http', 'soap']))
  expect(names).toEqual([...names].sort())
})

test('the built program finds the same connectors', async ({ skip }) => {
  const built = projectFolder('dist', 'connectors', 'registry.js')
  if (!existsSync(built)) {
    console.warn('SKIPPED: the program is not built')
    skip()
  }
  const script = `const { findConnectors } = await import(${JSON.stringify(pathToFileURL(built).href)}); console.log((await findConnectors()).map((c) => c.name).join())`
  const names = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim()
  expect(names).toBe((await findConnectors()).map(({ name }) => name).join())
})
