import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentKinds } from '../../schemas/canonical/canonical-document.js'
import { adminKey, makeDataFolder, startHub, type RunningHub } from '../fixtures/hub.js'
import { makeOpenApi, type Described, type OpenApi } from '../fixtures/open-api.js'

interface Call {
  /** By `in.name`. */
  readonly given: Readonly<Record<string, string>>
  readonly accept?: string
  readonly body?: { readonly type: string, readonly text: string }
}

interface Outcome {
  readonly status: number
  readonly type: string
  readonly text: string
}

let folder: Awaited<ReturnType<typeof makeDataFolder>>
let hub: RunningHub
let api: OpenApi

beforeAll(async () => {
  folder = await makeDataFolder()
  hub = await startHub({ dataFolder: folder.path, args: ['--demo'] })
  api = makeOpenApi(await hub.json('GET', '/openapi.json'))
})
afterAll(async () => {
  await hub.end('SIGTERM')
  await folder.remove()
})

const examplesOf = (parameter: Described['parameters'][number]): readonly string[] =>
  parameter.examples === undefined ? [parameter.example].flatMap((value) => value ?? []) : Object.values(parameter.examples).map(({ value }) => value)

const bodiesOf = ({ requestBody }: Described): readonly (Call['body'])[] => requestBody === undefined ? [undefined] : Object.entries(requestBody.content).flatMap(([type, { example, examples }]) =>
  (examples === undefined ? [example] : Object.values(examples).map(({ value }) => value)).map((value) => ({ type, text: typeof value === 'string' ? value : JSON.stringify(value) })))

/** Every example: what must be given, with each body, each thing that may be given alone and all together, each content type that is answered. */
const callsOf = (operation: Described): readonly Call[] => {
  const must = operation.parameters.filter(({ required }) => required)
  const may = operation.parameters.filter((parameter) => !parameter.required && examplesOf(parameter).length > 0)
  const paths = must.reduce<readonly Call['given'][]>((all, parameter) => all.flatMap((given) => examplesOf(parameter).map((value) => ({ ...given, [`${parameter.in}.${parameter.name}`]: value }))), [{}])
  const options = may.map((parameter) => Object.fromEntries(examplesOf(parameter).slice(0, 1).map((value) => [`${parameter.in}.${parameter.name}`, value])))
  const accepted = Object.keys(operation.responses['200']?.content ?? {})
  return paths.flatMap((given) => bodiesOf(operation).flatMap((body): Call[] => [
    ...(body === undefined ? [{ given }] : [{ given, body }]),
    ...[...options, Object.assign({}, ...options) as Call['given']].map((option) => ({ given: { ...given, ...option }, ...(body === undefined ? {} : { body }) })),
    ...(accepted.length > 1 ? accepted.map((accept) => ({ given, accept, ...(body === undefined ? {} : { body }) })) : []),
  ]))
}

const run = async ({ method, path, parameters }: Described, { given, accept, body }: Call, key = true): Promise<Outcome> => {
  const url = new URL(path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(given[`path.${name}`] ?? `no-${name}`)), hub.url)
  const headers: Record<string, string> = { ...(accept === undefined ? {} : { accept }), ...(body === undefined ? {} : { 'content-type': body.type }) }
  for (const parameter of parameters) {
    const value = given[`${parameter.in}.${parameter.name}`]
    if (value !== undefined && parameter.in === 'query') url.searchParams.set(parameter.name, value)
    if (value !== undefined && parameter.in === 'header') headers[parameter.name] = value
  }
  const options = { method, ...(body === undefined ? {} : { body: body.text }), headers }
  const answer = key ? await hub.request(method, `${url.pathname}${url.search}`, { headers, ...(body === undefined ? {} : { body: body.text }) }) : await fetch(url, options)
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() }
}

const unknownId = '00000000-0000-7000-8000-000000000000'
/** What stands for each place of a path where any value does. */
const anyGiven = (operation: Described): Call['given'] => Object.fromEntries(operation.parameters.filter(({ required }) => required).map((parameter) => [`${parameter.in}.${parameter.name}`, examplesOf(parameter)[0] ?? unknownId]))

/** The demo chain has nothing that a database refuses; hub/parked runs these. */
const missingFromTheDemo: ReadonlySet<string> = new Set(['retryParked', 'skipParked'])

describe('/openapi.json', () => {
  it('is OpenAPI 3.1: every object has the fields of its kind and no other, every reference leads somewhere, every schema is one', () => {
    expect(api.faults()).toEqual([])
    expect(api.info).toMatchObject({ title: 'Chainhub', version: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown })
  })

  it('gives every operation an id of its own, a summary, a declared tag and its path\'s parameters', () => {
    for (const { operationId, summary, tags, path, parameters } of api.operations) {
      expect({ operationId, summary }).toEqual({ operationId: expect.stringMatching(/^[a-z]\w+$/) as unknown, summary: expect.stringMatching(/^[A-Z].{8,}/) as unknown })
      expect(api.tags).toEqual(expect.arrayContaining([...tags]))
      expect({ path, names: parameters.filter((each) => each.in === 'path').map(({ name }) => name) }).toEqual({ path, names: [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name) })
      expect(new Set(parameters.map((each) => `${each.in}.${each.name}`)).size).toBe(parameters.length)
    }
    expect(new Set(api.operations.map(({ operationId }) => operationId)).size).toBe(api.operations.length)
  })

  it('describes what the contract names', () => {
    const paths = new Set(api.operations.map(({ path }) => path))
    for (const path of ['/in/{channel}', '/soap/v1', '/messages', '/messages/{id}', '/messages/{id}/raw', '/messages/{id}/lineage', '/messages/{id}/replay', '/schemas/{kind}', '/parties', '/parties/{id}', '/parties/{id}/sources',
      '/views/threads/{id}', '/views/customers/{id}', '/cubes', '/cubes/{cube}/query', '/cubes/{cube}/drill', '/health/live', '/health/ready', '/metrics', '/']) expect(paths).toContain(path)
    expect(Object.keys(api.operations.find(({ operationId }) => operationId === 'sendMessage')?.responses ?? {})).toEqual(['200', '400', '409', '422', 'default'])
  })

  it('gives every answer, every body and every parameter an example that its own schema takes', () => {
    const wrong = api.operations.flatMap((operation) => [
      ...operation.parameters.flatMap((parameter) => examplesOf(parameter).flatMap((value) => api.mismatch(parameter.schema, value, `${operation.operationId} ${parameter.name}`))),
      ...Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, media]) => Object.values(media.examples ?? { only: { value: media.example } }).flatMap(({ value }) => api.mismatch(media.schema, value, `${operation.operationId} ${type}`))),
      ...Object.entries(operation.responses).flatMap(([status, { content }]) => Object.entries(content).flatMap(([type, { schema, example }]) =>
        api.contentMismatch(schema, type, typeof example === 'string' ? example : JSON.stringify(example), `${operation.operationId} ${status} ${type}`))),
    ])
    expect(wrong).toEqual([])
    expect(api.operations.flatMap(({ operationId, responses }) => Object.entries(responses).filter(([, { content }]) => Object.values(content).some(({ example }) => example === undefined)).map(([status]) => `${operationId} ${status}`))).toEqual([])
  })

  it('has for every operation examples that run on the demo chain and are answered as described; what only a hub knows is found by links', async () => {
    const [seen, answered, linked] = [new Set<string>(), new Set<string>(), new Map<string, { readonly to: string, readonly given: Call['given'] }>()]
    const perform = async (operation: Described, call: Call): Promise<void> => {
      const outcome = await run(operation, call)
      const type = outcome.type.split(';', 1)[0] ?? ''
      const told = { operation: operation.operationId, call, status: outcome.status, type }
      const media = operation.responses['200']?.content[type]
      expect({ ...told, described: media !== undefined, text: outcome.status === 200 ? '' : outcome.text }).toEqual({ ...told, status: 200, described: true, text: '' })
      expect({ ...told, wrong: api.contentMismatch(media?.schema ?? false, type, outcome.text, '') }).toEqual({ ...told, wrong: [] })
      if (type === 'application/x-ndjson') expect(outcome.text).toMatch(/"step":"done"[^\n]*\n$/)
      for (const name of [operation.operationId, ...Object.keys(call.given).map((place) => `${operation.operationId} ${place}`)]) seen.add(name)
      answered.add(`${operation.operationId} ${type}`)
      for (const [name, link] of Object.entries(operation.responses['200']?.links ?? {})) {
        const given = api.linkedValues(link, outcome.text)
        if (given !== undefined && !linked.has(`${operation.operationId} ${name}`)) linked.set(`${operation.operationId} ${name}`, { to: link.operationId, given })
      }
    }
    // What was removed once is not there to be removed again.
    for (const operation of api.operations) for (const call of callsOf(operation).slice(0, operation.method === 'DELETE' ? 1 : undefined)) await perform(operation, call)
    for (const { to, given } of [...linked.values()]) {
      const operation = api.operations.find(({ operationId }) => operationId === to)
      if (operation === undefined) continue
      const optional = operation.parameters.filter(({ required }) => !required).flatMap((each) => examplesOf(each).slice(0, 1).map((value) => ({ [`${each.in}.${each.name}`]: value })))
      const [body] = bodiesOf(operation)
      for (const option of [{}, ...optional]) await perform(operation, { given: { ...anyGiven(operation), ...option, ...given }, ...(body === undefined ? {} : { body }) })
    }
    const inTheDemo = api.operations.filter(({ operationId }) => !missingFromTheDemo.has(operationId))
    expect(inTheDemo.map(({ operationId }) => operationId).filter((id) => !seen.has(id))).toEqual([])
    expect(inTheDemo.flatMap(({ operationId, parameters }) => parameters.map((each) => `${operationId} ${each.in}.${each.name}`)).filter((name) => !seen.has(name))).toEqual([])
    expect(inTheDemo.flatMap(({ operationId, responses }) => Object.keys(responses['200']?.links ?? {}).map((name) => `${operationId} ${name}`)).filter((name) => !linked.has(name))).toEqual([])
    expect(inTheDemo.flatMap(({ operationId, responses }) => Object.keys(responses['200']?.content ?? {}).map((type) => `${operationId} ${type}`)).filter((name) => !answered.has(name))).toEqual([])
  })

  it('describes refusals as they are given: to a stranger, of an id that nobody has, of a parameter that makes no sense', async () => {
    // PUT makes what is not there, so its refusal is that of a name that none can have.
    const nowhere = (operation: Described): Call['given'] => Object.fromEntries(Object.keys(anyGiven(operation)).map((place) => [place, operation.method === 'PUT' ? '?' : unknownId]))
    for (const operation of api.operations) {
      const body = bodiesOf(operation)[0]
      const call = (given: Call['given']): Call => ({ given, ...(body === undefined ? {} : { body }) })
      const outcomes = [
        await run(operation, call(anyGiven(operation)), false),
        await run(operation, call(nowhere(operation))),
        await run(operation, call({ ...anyGiven(operation), ...Object.fromEntries(operation.parameters.filter((each) => each.in === 'query').map(({ name }) => [`query.${name}`, '\0'])) })),
      ]
      if (operation.security?.length === 1) expect({ id: operation.operationId, status: outcomes[0]?.status }).toEqual({ id: operation.operationId, status: 401 })
      if (operation.path.includes('{') && !operation.operationId.startsWith('sendMessage')) expect({ id: operation.operationId, status: [400, 404].includes(outcomes[1]?.status ?? 0) }).toEqual({ id: operation.operationId, status: true })
      for (const { status, type, text } of outcomes) expect({ id: operation.operationId, status, wrong: api.answerMismatch(operation, status, type, text) }).toEqual({ id: operation.operationId, status, wrong: [] })
    }
  })

  it.each([
    ['unreadable', 400, 'demo-ubl', '<Order', {}], ['no order of the kind', 422, 'canonical', '{"kind":"order","number":"1"}', {}], ['another content under a known key', 409, 'canonical', '{"kind":"order","number":"2"}', { 'idempotency-key': 'known' }],
    ['of an unknown channel', 404, 'nowhere', '{}', {}],
  ] as const)('describes the answer to a message that is %s: %i', async (_what, status, channel, body, headers) => {
    const operation = api.operations.find(({ operationId }) => operationId === 'sendMessage')
    if (status === 409) await hub.send(channel, '{"kind":"order","number":"1"}', { headers })
    for (const accept of ['application/json', 'application/xml']) {
      const answer = await hub.request('POST', `/in/${channel}`, { body, headers: { ...headers, accept } })
      const [type, text] = [answer.headers.get('content-type') ?? '', await answer.text()]
      expect({ status: answer.status, wrong: operation === undefined ? [] : api.answerMismatch(operation, answer.status, type, text), type }).toEqual({ status, wrong: [], type: expect.stringContaining(status === 404 ? 'application/problem+json' : accept) as unknown })
    }
  })

  it.each(['text/xml', 'application/soap+xml'])('describes a fault in %s', async (type) => {
    const operation = api.operations.find(({ operationId }) => operationId === 'callSoap')
    const answer = await hub.request('POST', '/soap/v1', { body: '<Order/>', headers: { 'content-type': type } })
    expect({ status: answer.status, wrong: operation === undefined ? ['no callSoap'] : api.answerMismatch(operation, 500, answer.headers.get('content-type') ?? '', await answer.text()) }).toEqual({ status: 500, wrong: [] })
  })

  it('asks for a key exactly where one is needed', async () => {
    for (const operation of api.operations.filter(({ method }) => method === 'GET')) {
      const { status } = await run(operation, { given: anyGiven(operation) }, false)
      expect({ path: operation.path, refused: status === 401 }).toEqual({ path: operation.path, refused: operation.security !== undefined })
    }
  })

  it('has a schema of every kind of document', async () => {
    const operation = api.operations.find(({ operationId }) => operationId === 'getSchema')
    for (const kind of documentKinds) {
      const answer = await hub.request('GET', `/schemas/${kind}`)
      expect({ kind, wrong: operation === undefined ? ['no getSchema'] : api.answerMismatch(operation, answer.status, answer.headers.get('content-type') ?? '', await answer.text()) }).toEqual({ kind, wrong: [] })
    }
  })
})

describe('addresses', () => {
  it('/docs is a page, with what it loads', async () => {
    const page = await hub.request('GET', '/docs')
    expect({ status: page.status, type: page.headers.get('content-type'), text: await page.text() }).toEqual({ status: 200, type: 'text/html; charset=utf-8', text: expect.stringContaining('Chainhub API') as unknown })
    expect(await hub.json('GET', '/docs/json')).toEqual(await hub.json('GET', '/openapi.json'))
    const missing = await hub.request('GET', '/docs/no-such-page')
    expect({ status: missing.status, type: missing.headers.get('content-type') }).toEqual({ status: 404, type: 'application/problem+json; charset=utf-8' })
  })

  it('every address answers other methods than its own with 405, Allow and a problem, to strangers too, and OPTIONS with Allow', async () => {
    const paths = new Map<string, string[]>([['/openapi.json', ['GET']], ['/docs', ['GET']], ['/docs/json', ['GET']]])
    for (const { path, method, parameters } of api.operations) {
      const address = path.replaceAll(/\{\w+\}/g, () => examplesOf(parameters[0] ?? { name: '', in: '', schema: {} })[0] ?? unknownId)
      paths.set(address, [...(paths.get(address) ?? []), method])
    }
    for (const [path, methods] of paths) {
      const allow = [...(methods.includes('GET') ? ['GET', 'HEAD'] : []), ...['POST', 'PUT', 'DELETE'].filter((each) => methods.includes(each)), 'OPTIONS'].join(', ')
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'].filter((each) => !methods.includes(each) && !(each === 'HEAD' && methods.includes('GET')))) {
        const answer = await fetch(new URL(path, hub.url), { method, ...(method === 'GET' || method === 'HEAD' ? {} : { body: '{"not":', headers: { 'content-type': 'application/json' } }) })
        const told = { path, method, allow: answer.headers.get('allow'), status: answer.status, type: answer.headers.get('content-type') }
        expect(told).toEqual({ path, method, allow, status: 405, type: 'application/problem+json; charset=utf-8' })
        const text = await answer.text()
        if (method !== 'HEAD') expect(JSON.parse(text)).toMatchObject({ status: 405, code: 'method-not-allowed', at: path })
      }
      const options = await fetch(new URL(path, hub.url), { method: 'OPTIONS' })
      expect({ path, status: options.status, allow: options.headers.get('allow'), text: await options.text() }).toEqual({ path, status: 204, allow, text: '' })
    }
  })

  it('every address that answers GET answers HEAD with the same headers and nothing behind them', async () => {
    for (const operation of api.operations.filter(({ method, parameters }) => method === 'GET' && parameters.every((each) => !each.required || examplesOf(each).length > 0))) {
      const path = operation.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => anyGiven(operation)[`path.${name}`] ?? '')
      const [get, head] = [await hub.request('GET', path), await fetch(new URL(path, hub.url), { method: 'HEAD', headers: { authorization: `Bearer ${adminKey}` } })]
      await get.arrayBuffer()
      expect({ path, status: head.status, type: head.headers.get('content-type'), bytes: (await head.arrayBuffer()).byteLength }).toEqual({ path, status: get.status, type: get.headers.get('content-type'), bytes: 0 })
    }
  })

  it.each([['GET', '/no/such/address'], ['GET', '/message'], ['POST', '/messages/x/y']] as const)('%s %s is answered with a problem', async (method, path) => {
    const answer = await hub.request(method, path)
    expect({ type: answer.headers.get('content-type'), status: answer.status, allow: answer.headers.get('allow') }).toEqual({ type: 'application/problem+json; charset=utf-8', status: 404, allow: null })
    expect(await answer.json()).toMatchObject({ status: 404, code: 'not-found', at: path })
  })

  it('an address that nobody serves tells a stranger no more than one that needs a key', async () => {
    expect((await fetch(new URL('/no/such/address', hub.url), { method: 'POST' })).status).toBe(401)
    expect((await fetch(new URL('/no/such/address', hub.url), { method: 'POST', body: '{"not', headers: { 'content-type': 'application/json' } })).status).toBe(401)
  })
})
