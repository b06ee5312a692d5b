import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { makeDataFolder, startHub, type RunningHub } from '../fixtures/hub.js'

interface Media { readonly schema?: object, readonly example?: unknown }
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters?: readonly { readonly name: string, readonly in: string, readonly required?: boolean, readonly schema: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, { readonly description: string, readonly content: object }>>
  readonly security?: readonly object[]
}
interface Description { readonly openapi: string, readonly info: { readonly title: string, readonly version: string }, readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }

let folder: Awaited<ReturnType<typeof makeDataFolder>>
let hub: RunningHub
let description: Description
/** What stands for each place of a path, from the samples that the hub was given. */
let places: Readonly<Record<string, string>>

const operations = (): readonly { readonly method: string, readonly path: string, readonly operation: Operation }[] =>
  Object.entries(description.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method, path, operation })))

beforeAll(async () => {
  folder = await makeDataFolder()
  hub = await startHub({ dataFolder: folder.path })
  description = await hub.json('GET', '/openapi.json') as Description
  let last: Awaited<ReturnType<RunningHub['send']>> | undefined
  for (const name of ['order', 'order-response', 'despatch-advice', 'receipt-advice', 'invoice']) {
    last = await hub.send('demo-ubl', await readFile(projectFolder('mappings', 'ubl', 'samples', `${name}.xml`)), { query: '?wait=crm,warehouse&timeoutMs=20000' })
  }
  const { items } = await hub.json('GET', '/parties') as { readonly items: readonly { readonly id: string }[] }
  const message = last?.answer.messageId ?? ''
  const thread = last?.answer.documents[0]?.threadIds[0] ?? ''
  const party = items[0]?.id ?? ''
  places = { '/messages/': message, '/parties/': party, '/views/threads/': thread, '/views/customers/': party, '/schemas/': 'order', '/digests/': 'crm', '/rebuilds/': 'crm', '/cubes/': 'sales', '/in/': 'canonical' }
})
afterAll(async () => {
  await hub.end('SIGTERM')
  await folder.remove()
})

const fill = (path: string): string => path.replace(/^(.*?)\{[^}]+\}/, (_whole, before: string) => `${before}${places[before] ?? `no place known for ${before}`}`)

describe('/openapi.json', () => {
  it('is OpenAPI 3.1 in shape', () => {
    expect(description.openapi).toMatch(/^3\.1\./)
    expect(description.info).toMatchObject({ title: 'Chainhub', version: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown })
    for (const { method, path, operation } of operations()) {
      expect(method).toMatch(/^(get|post|put|delete)$/)
      expect({ path, responses: Object.keys(operation.responses).length > 0 }).toEqual({ path, responses: true })
      const named = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect({ path, declared: declared.map(({ name }) => name).sort() }).toEqual({ path, declared: named.sort() })
      expect(declared.every(({ required }) => required === true)).toBe(true)
    }
  })

  it('gives every operation an id of its own, a summary and a tag', () => {
    const all = operations().map(({ operation }) => operation)
    for (const { operationId, summary, tags } of all) expect({ operationId, summary, tags }).toEqual({ operationId: expect.stringMatching(/^[a-z]\w+$/) as unknown, summary: expect.stringMatching(/^[A-Z].{8,}/) as unknown, tags: [expect.stringMatching(/^\w+$/)] })
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length)
  })

  it('describes what the contract names', () => {
    for (const path of ['/in/{channel}', '/soap/v1', '/messages', '/messages/{id}', '/messages/{id}/raw', '/messages/{id}/lineage', '/messages/{id}/replay', '/schemas/{kind}', '/parties', '/parties/{id}', '/parties/{id}/sources',
      '/views/threads/{id}', '/views/customers/{id}', '/cubes', '/cubes/{cube}/query', '/cubes/{cube}/drill', '/health/live', '/health/ready', '/metrics', '/']) expect(Object.keys(description.paths)).toContain(path)
  })

  it('asks for a key exactly where one is needed', async () => {
    for (const { method, path, operation } of operations().filter((one) => one.method === 'get')) {
      const answer = await fetch(new URL(fill(path), hub.url), { method })
      expect({ path, refused: answer.status === 401 }).toEqual({ path, refused: operation.security !== undefined })
      await answer.arrayBuffer()
    }
  })

  it('has for every GET an address that answers on the samples', async () => {
    for (const { path } of operations().filter(({ method }) => method === 'get')) {
      const answer = await hub.request('GET', fill(path))
      expect({ path, status: answer.status }).toEqual({ path, status: 200 })
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0)
    }
  })

  it('has for every POST an example of each body, which is taken on the samples', async () => {
    for (const { path, operation } of operations().filter(({ method }) => method === 'post')) {
      const bodies = Object.entries(operation.requestBody?.content ?? {}).map(([type, { example }]) => {
        expect({ path, type, example }).toEqual({ path, type, example: expect.anything() as unknown })
        return { type, body: typeof example === 'string' ? example : JSON.stringify(example) }
      })
      for (const { type, body } of bodies.length === 0 ? [{ type: undefined, body: undefined }] : bodies) {
        const answer = await hub.request('POST', fill(path), type === undefined ? {} : { body, headers: { 'content-type': type } })
        expect({ path, type, status: answer.status, text: answer.ok ? '' : await answer.text() }).toEqual({ path, type, status: 200, text: '' })
        if (answer.ok) await answer.arrayBuffer()
      }
    }
  })
})

describe('addresses', () => {
  it('/docs is a page', async () => {
    const page = await hub.request('GET', '/docs')
    expect({ status: page.status, type: page.headers.get('content-type') }).toEqual({ status: 200, type: 'text/html; charset=utf-8' })
  })

  it.each([['GET', '/no/such/address'], ['POST', '/messages'], ['POST', '/health/live'], ['POST', '/'], ['GET', '/in/demo-ubl'], ['GET', '/cubes/sales/query']] as const)('%s %s is answered with a problem', async (method, path) => {
    const answer = await hub.request(method, path)
    expect({ type: answer.headers.get('content-type'), status: [404, 405].includes(answer.status) }).toEqual({ type: 'application/problem+json; charset=utf-8', status: true })
    expect(await answer.json()).toMatchObject({ status: answer.status, code: expect.stringMatching(/^not-found$/) as unknown, at: path })
  })

  it('an address that nobody serves tells a stranger no more than one that needs a key', async () => {
    expect((await fetch(new URL('/no/such/address', hub.url), { method: 'POST' })).status).toBe(401)
  })
})
