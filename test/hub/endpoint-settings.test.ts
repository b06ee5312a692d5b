import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findConnectors } from '../../connectors/registry.js'
import { openEndpoints } from '../../hub/compose/open-endpoints.js'
import { readConfig } from '../../hub/config.js'
import { loadTranslator } from '../../mappings/engine/translator.js'
import { projectFolder } from '../../schemas/project-folder.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chainhub-endpoints-'))
  await writeFile(join(folder, 'token.txt'), 'sesame\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const opened = async (lines: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> => {
  const file = join(folder, 'chainhub.yaml')
  await writeFile(file, ['endpoints:', ...lines, ''].join('\n'))
  const config = readConfig({ config: file }, environment)
  if (!config.ok) return `${config.at.replace(folder, '')} ${config.detail}`
  const translator = await loadTranslator(projectFolder('mappings'))
  if (!translator.ok) throw new Error(translator.detail)
  const endpoints = await openEndpoints(config.value, await findConnectors(), translator.value)
  if (!endpoints.ok) return `${endpoints.at.replace(folder, '')} ${endpoints.detail}`
  await endpoints.value.close()
  return [...endpoints.value.endpoints.keys()].join()
}

const http = (more = '', settings = ''): readonly string[] => ['  - id: a', '    connector: http', `    settings: { url: "https://partner.example/"${settings} }`, '    format: ubl', ...(more === '' ? [] : [`    ${more}`])]

describe('the endpoints of the configuration file', () => {
  it('take secrets from files beside it and from the environment', async () => {
    expect(await opened([...http('', ', credentials: { type: bearer, token: { file: token.txt } }'), ...http('', ', credentials: { type: bearer, token: { env: TOKEN } }').map((line) => line.replace('id: a', 'id: b'))], { TOKEN: 'sesame' })).toBe('a,b')
  })

  it.each<[string, readonly string[], string]>([
    ['a connector that does not deliver', http().map((line) => line.replace('connector: http', 'connector: soap')), '/chainhub.yaml:3 endpoints.0.connector There is no connector \'soap\' that delivers; there are file, http, soap-client.'],
    ['a format that there is not', http().map((line) => line.replace('format: ubl', 'format: odette')), '/chainhub.yaml:5 endpoints.0.format There is no format \'odette\''],
    ['a setting of the connector that is wrong', http('', ', metod: PUT'), '/chainhub.yaml:4 endpoints.0.settings.metod There is no setting \'metod\'.'],
    ['an address that is none', http().map((line) => line.replace('https://partner.example/', 'partner')), '/chainhub.yaml:4 endpoints.0.settings.url This takes an http or https address.'],
    ['a secret that is not there', http('', ', credentials: { type: bearer, token: { file: none.txt } }'), '/chainhub.yaml:4 endpoints.0.settings.credentials.token The file cannot be read'],
    ['a variable that is not there', http('', ', credentials: { type: bearer, token: { env: NOBODY } }'), '/chainhub.yaml:4 endpoints.0.settings.credentials.token The environment has no NOBODY.'],
    ['a duration that is none', http('retry: { age: 2 days }'), '/chainhub.yaml:6 endpoints.0.retry.age \'2 days\' is no duration'],
    ['a setting of the endpoint that there is not', http('retires: 3'), '/chainhub.yaml:6 endpoints.0.retires There is no setting \'retires\'.'],
    ['a name that two have', [...http(), ...http()], '/chainhub.yaml:6 endpoints.1.id There is an endpoint \'a\' already.'],
    ['SOAP without an operation', ['  - { id: a, connector: soap-client, settings: { wsdl: "https://partner.example/?wsdl" }, format: ubl }'], '/chainhub.yaml:2 endpoints.0 soap-client calls an operation'],
    ['receipts that come later from nobody knows which system', http('', ', receipt: { to: a@b.example, later: "https://hub.example/in/a" }'), '/chainhub.yaml:4 endpoints.0.settings.receipt.later A receipt that comes later counts where it comes from the endpoint\'s own system'],
    ['alerts to nobody', [...http(), 'alerts: { endpoint: b }'], '/chainhub.yaml:6 alerts.endpoint There is no endpoint \'b\'.'],
  ])('with %s are refused at the line', async (_what, lines, told) => {
    expect(await opened(lines)).toContain(told)
  })
})
