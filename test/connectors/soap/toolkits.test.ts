import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { readJsonValue } from '../../../schemas/json-value.js'
import type { Node } from '../../../schemas/node.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { ok } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { makeDataFolder, startHub, type RunningHub } from '../../fixtures/hub.js'
import { fullAnswer, startConnectorServer, type ConnectorServer } from '../connector-server.js'
import { differences, flatten } from './toolkits/differences.js'
import { expectedSteps } from './toolkits/expected-steps.js'
import { batchOfTwo, givenFiles } from './toolkits/given-files.js'
import { isQuotedFrom, quotedBlocks } from './toolkits/quoted-blocks.js'
import { buildClient, installedVersion, runClient, type ClientRun, type Told } from './toolkits/run-toolkit.js'
import { toolkitTable, type TableRow } from './toolkits/toolkit-table.js'
import { extraSteps, toolkits, type SoapVersionName, type Toolkit } from './toolkits/toolkits.js'

/** The operations that the port types of a WSDL list: what each toolkit has to call. */
const operationsOf = (wsdl: string): readonly string[] => {
  const root = readXml(wsdl)
  if (!root.ok) throw new Error(root.detail)
  const operations = root.value.children.filter(({ name }) => name === 'portType').flatMap(({ children }) => children.filter(({ name }) => name === 'operation'))
  return operations.map(({ attributes }) => attributes.find(({ name }) => name === 'name')?.value ?? '')
}
const operations = operationsOf(readFileSync(projectFolder('schemas', 'wire', 'chainhub.wsdl'), 'utf8'))
const columns = [...operations, ...extraSteps]
const page = readFileSync(projectFolder('docs', 'soap-toolkits.md'), 'utf8')

let hub: RunningHub
let server: ConnectorServer
let dataFolder: Awaited<ReturnType<typeof makeDataFolder>>
let work: string
let key: string
let batch: Told
const rows: (TableRow & { readonly cells: Map<string, string> })[] = []

const toldOf = (json: string): Told => {
  const value = readJsonValue(json)
  if (!value.ok) throw new Error(value.detail)
  return flatten(value.value)
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'chainhub-toolkits-'))
  dataFolder = await makeDataFolder()
  hub = await startHub({ dataFolder: dataFolder.path })
  const json = { 'content-type': 'application/json' }
  const created = await hub.request('POST', '/keys', { headers: json, body: '{"role":"channel","channel":"demo-soap"}' })
  key = toldOf(await created.text())['key'] ?? ''
  const sent = await hub.request('POST', '/in/demo-soap', { headers: { ...json, authorization: `Bearer ${key}` }, body: await batchOfTwo() })
  batch = toldOf(await sent.text())
  server = await startConnectorServer()
  server.answerWith(ok(fullAnswer))
})
afterAll(async () => {
  console.log(`\n${toolkitTable(columns, rows).join('\n')}\n`)
  await server.close()
  await hub.end('SIGTERM')
  await dataFolder.remove()
  await rm(work, { recursive: true, force: true })
})

interface Session {
  readonly number: string
  readonly order: string
  readonly run: ClientRun
  /** The same client before a server that answers everything with every member that an answer can have. */
  readonly fullRun: ClientRun
  readonly row: (typeof rows)[number]
}

const addRow = (toolkit: Toolkit, version: SoapVersionName, installed: string): (typeof rows)[number] => {
  const row = { toolkit: toolkit.name, installed, version, cells: new Map<string, string>(extraSteps.filter((step) => !toolkit.extras.includes(step)).map((step) => [step, '–'])) }
  rows.push(row)
  return row
}

/** Runs a client in one version; the folder is where it was built. */
const startSession = async (toolkit: Toolkit, version: SoapVersionName, folder: string, installed: string): Promise<Session> => {
  const place = `${toolkits.indexOf(toolkit)}${version.replace('.', '')}`
  const number = `00004500017321${place.padStart(6, '0')}`
  const given = join(folder, `given-${version}`)
  await mkdir(given)
  const files = await givenFiles(number)
  for (const [name, text] of Object.entries(files)) await writeFile(join(given, name), text)
  const settings = { HUB_URL: hub.url, HUB_KEY: key, SOAP_VERSION: version, FOLDER: given, ORDER_KEY: `order ${number}`, BATCH: batch['messageId'] ?? '' }
  const row = addRow(toolkit, version, installed)
  const [run, fullRun] = await Promise.all([runClient(toolkit, folder, settings), runClient(toolkit, folder, { ...settings, HUB_URL: server.url, HUB_KEY: 'secret' })])
  return { number, order: files['order.xml'], run, fullRun, row }
}

/** What is wrong in some steps. A step that nothing is said about, one of a new operation, has to be there and to tell something. */
const faultsIn = (toolkit: Toolkit, { number, run, row }: Session, steps: readonly string[]): readonly string[] => {
  const expected = expectedSteps(toolkit, row.version === '1.1' ? '1.1' : '1.2', run, number, batch)
  const wrong = steps.flatMap((step) => {
    const wanted = expected.get(step)
    const told = run.steps.get(step)
    return (wanted === undefined && told !== undefined ? [] : differences(told, wanted ?? {})).map((difference) => `${step}: ${difference}`)
  })
  return wrong.some((text) => text.endsWith('not called')) ? [...wrong, run.complaint] : wrong
}

const stepsOf = (toolkit: Toolkit, session: Session, operation: string): readonly string[] => {
  const known = [...expectedSteps(toolkit, '1.1', session.run, '', {}).keys()].filter((step) => step.startsWith(`${operation} `))
  return [...new Set([`${operation} answer`, `${operation} fault`, ...known])].filter((step) => !extraSteps.some((extra) => extra === step))
}

/** A tree as it means the same under other prefixes. */
const meaningOf = ({ name, namespace, attributes, text, children }: Node): unknown => ({
  name, namespace, text,
  attributes: attributes.map((attribute) => `{${attribute.namespace}}${attribute.name}=${attribute.value}`).sort(),
  children: children.map(meaningOf),
})
const meaningOfText = (text: string): unknown => {
  const root = readXml(text)
  return root.ok ? meaningOf(root.value) : root
}

describe.for(toolkits)('$name', (toolkit) => {
  const sessions = new Map<SoapVersionName, Session>()
  beforeAll(async () => {
    const installed = await installedVersion(toolkit)
    if (installed === undefined) {
      const missing = `${toolkit.name} is not installed here (apt-get install ${toolkit.packages})`
      if (process.env['CHAINHUB_TEST_ALL_TOOLKITS'] === '1') throw new Error(missing)
      console.warn(`SKIPPED: ${missing}`)
      for (const version of toolkit.versions) addRow(toolkit, version, 'not installed')
      return
    }
    const folder = join(work, toolkit.name.replace(/\W+/g, '-'))
    await mkdir(folder)
    await buildClient(toolkit, folder, hub.url)
    for (const version of toolkit.versions) sessions.set(version, await startSession(toolkit, version, folder, installed))
  }, 300_000)

  const sessionOf = (version: SoapVersionName, { skip }: TestContext): Session => sessions.get(version) ?? skip()
  const check = (session: Session, column: string, steps: readonly string[]): void => {
    const wrong = faultsIn(toolkit, session, steps)
    session.row.cells.set(column, wrong.length === 0 ? 'ok' : wrong.join('; '))
    expect(wrong).toEqual([])
  }

  for (const version of toolkit.versions) {
    for (const operation of operations) {
      test(`calls ${operation} over SOAP ${version}, reads the whole answer and a typed fault`, (context) => {
        const session = sessionOf(version, context)
        check(session, operation, stepsOf(toolkit, session, operation))
      })
    }
    for (const step of toolkit.extras) {
      test(`takes the step "${step}" over SOAP ${version}`, (context) => {
        check(sessionOf(version, context), step, [step])
      })
    }
    test(`reads every member that an answer can have over SOAP ${version}`, (context) => {
      const { fullRun } = sessionOf(version, context)
      const every = toldOf(JSON.stringify(fullAnswer))
      for (const step of ['SubmitDocument answer', 'GetMessageStatus answer']) expect(differences(fullRun.steps.get(step), every)).toEqual([])
    })
    test(`hands its order over SOAP ${version} to the hub as it was`, async (context) => {
      const { order, run } = sessionOf(version, context)
      const raw = await hub.request('GET', `/messages/${run.steps.get('SubmitDocument answer')?.['messageId'] ?? ''}/raw`)
      expect(meaningOfText(await raw.text())).toEqual(meaningOfText(order))
    })
  }
})

describe('docs/soap-toolkits.md', () => {
  const programs = projectFolder('test', 'connectors', 'soap', 'toolkits')

  test('has every toolkit and operation in its table, as this run found them', () => {
    const comparable = (line: string): string => line.split(' | ').toSpliced(1, 1).join(' | ')
    const written = page.split('\n').filter((line) => line.startsWith('| ')).map(comparable)
    expect(written).toEqual(expect.arrayContaining(toolkitTable(columns, rows.filter(({ installed }) => installed !== 'not installed')).map(comparable)))
    for (const { name, versions } of toolkits) expect(written.filter((line) => line.startsWith(`| ${name} | `))).toHaveLength(versions.length)
  })

  test('quotes only what the tested programs hold, and each of them', async () => {
    const blocks = quotedBlocks(page)
    for (const { file, text } of blocks) {
      const path = join(programs, file)
      const source = existsSync(path) ? await readFile(path, 'utf8') : ''
      expect(isQuotedFrom(text, source), `${file} holds:\n${text}`).toBe(true)
    }
    for (const { run, build } of toolkits) {
      const program = /\$PROGRAMS\/([\w.-]+)/.exec(run)?.[1] ?? build ?? ''
      expect(blocks.map(({ file }) => file)).toContain(program)
    }
  })

  test('belongs to a WSDL that the hub serves with the same operations', async () => {
    const served = await hub.request('GET', '/soap/v1?wsdl')
    expect(operationsOf(await served.text())).toEqual(operations)
  })
})
