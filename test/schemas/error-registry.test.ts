import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorRegistry } from '../../schemas/error-registry.js'
import { projectFolder } from '../../schemas/project-folder.js'

const sourceTexts = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(projectFolder(folder), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'error-registry.ts')
  return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))
}

describe('the error registry', () => {
  it('says in docs/errors.md what it says in the code, code by code', async () => {
    const page = await readFile(projectFolder('docs', 'errors.md'), 'utf8')
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    expect(rows).toEqual(Object.entries(errorRegistry).map(([code, { status, soapFault, retry, text }]) => `| \`${code}\` | ${status} | ${soapFault} | ${retry ? 'yes' : 'no'} | ${text} |`))
  })

  it('has no code that nothing uses', async () => {
    const texts = (await Promise.all(['schemas', 'mappings', 'connectors', 'warehouse', 'hub'].map(sourceTexts))).flat().join('\n')
    expect(Object.keys(errorRegistry).filter((code) => !texts.includes(`'${code}'`))).toEqual([])
  })

  it('gives faults of the caller a 4xx status, or SOAP\'s own 500, and faults of the hub a 5xx that may be tried again', () => {
    for (const [code, { status, soapFault, retry }] of Object.entries(errorRegistry)) {
      if (soapFault === 'Server') expect({ code, status: status >= 500, retry }).toEqual({ code, status: true, retry: true })
      else expect({ code, status: status < 500 || code.startsWith('soap-') }).toEqual({ code, status: true })
    }
  })
})
