import { join } from 'node:path'
import type { Connector, Outbound } from '../../connectors/contract.js'
import type { Translator } from '../../mappings/engine/translator.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { Config } from '../config.js'
import { durationHint, readDuration } from '../delivery/duration.js'
import type { Endpoint, Interchanges } from '../delivery/endpoint.js'
import type { EndpointSetting } from '../delivery/endpoint-setting.js'

export interface OpenedEndpoints {
  readonly endpoints: ReadonlyMap<string, Endpoint>
  /** Where alerts are sent; undefined where they are sent nowhere. */
  readonly alerts: string | undefined
  readonly close: () => Promise<void>
}

const defaults = { concurrency: 8, firstMs: 1_000, maxMs: 900_000, attempts: 20, ageMs: 172_800_000, failures: 5, probeMs: 30_000 } as const

type Named = Pick<Config, 'endpoints' | 'alerts' | 'channels' | 'dataFolder'>

/** Makes the ways to all endpoints of the settings; nothing is called yet. Fails with config-invalid at the line of what is wrong. */
export const openEndpoints = async ({ endpoints: written, alerts, channels, dataFolder }: Named, connectors: readonly Connector[], translator: Translator): Promise<Result<OpenedEndpoints>> => {
  const settings = written ?? (channels === undefined ? [demoEndpoint(dataFolder)] : [])
  const outbounds = new Map<string, Outbound>()
  const close = async (): Promise<void> => { await Promise.all([...outbounds.values()].map((outbound) => outbound.close())) }
  const refuse = async (failure: Failure): Promise<Failure> => {
    await close()
    return failure
  }
  const endpoints = new Map<string, Endpoint>()
  for (const setting of settings) {
    const wrong = wrongSetting(setting, connectors, translator)
    if (wrong !== undefined) return refuse(wrong)
    const connector = connectors.find(({ name }) => name === setting.connector)
    const outbound = outbounds.get(setting.connector) ?? await connector?.outbound?.()
    if (outbound === undefined) continue
    outbounds.set(setting.connector, outbound)
    const line = outbound.open(setting.settings)
    if (!line.ok) return refuse({ ...line, at: setting.placeOf(['settings', ...line.at === '' ? [] : line.at.split('.')]) })
    if (line.value.receiptsLater === true && setting.system === undefined) return refuse(fail('config-invalid', setting.placeOf(['settings', 'receipt', 'later']), 'A receipt that comes later counts where it comes from the endpoint\'s own system: say which as `system`.'))
    endpoints.set(setting.id, { ...endpointOf(setting, line.value), interchanges: interchangesOf(setting, translator) })
  }
  if (alerts !== undefined && !endpoints.has(alerts.endpoint)) return refuse(fail('config-invalid', alerts.at, `There is no endpoint '${alerts.endpoint}'.`))
  return ok({ endpoints, alerts: alerts?.endpoint, close })
}

/** The one endpoint of a hub that has no configuration file. */
const demoEndpoint = (dataFolder: string): EndpointSetting =>
  ({ id: 'demo-folder', connector: 'file', settings: { folder: join(dataFolder, 'demo-folder') }, format: 'shop-json', placeOf: (path) => `demo-folder ${path.join('.')}` })

const wrongSetting = ({ connector, format, operation, retry, json, interchange, placeOf }: EndpointSetting, connectors: readonly Connector[], translator: Translator): Failure | undefined => {
  const out = connectors.filter(({ outbound }) => outbound !== undefined).map(({ name }) => name)
  if (!out.includes(connector)) return fail('config-invalid', placeOf(['connector']), `There is no connector '${connector}' that delivers; there are ${out.join(', ')}.`)
  const formats = translator.formats.filter(({ language }) => language === format)
  if (formats.length === 0) return fail('config-invalid', placeOf(['format']), `There is no format '${format}'; there are ${[...new Set(translator.formats.map(({ language }) => language))].join(', ')}.`)
  if (interchange !== undefined && translator.familyOf(format) === undefined) return fail('config-invalid', placeOf(['interchange']), `The format '${format}' has no interchanges.`)
  if (json === true && formats.some(({ syntax }) => syntax !== 'xml' && syntax !== 'json')) return fail('config-invalid', placeOf(['json']), `The format '${format}' has no JSON form.`)
  if (connector === 'soap-client' && operation === undefined) return fail('config-invalid', placeOf([]), 'soap-client calls an operation: say which as `operation`.')
  if (connector === 'soap-client' && formats.some(({ syntax }) => syntax !== 'xml' && syntax !== 'json')) return fail('config-invalid', placeOf(['format']), 'SOAP carries XML or JSON, and no tables, segments or records.')
  return retry?.age !== undefined && readDuration(retry.age) === undefined ? fail('config-invalid', placeOf(['retry', 'age']), `'${retry.age}' is no duration; ${durationHint}.`) : undefined
}

/** Endpoints of one system share a count: an acknowledgement names a number, and no endpoint. */
const interchangesOf = ({ id, format, system, interchange }: EndpointSetting, translator: Translator): Interchanges | undefined => {
  const family = translator.familyOf(format)
  return family === undefined ? undefined : { family, counter: system === undefined ? `endpoint ${id}` : `system ${system}`, sender: interchange?.sender, receiver: interchange?.receiver, acknowledgement: interchange?.acknowledgement ?? false }
}

const endpointOf = ({ id, system, format, json, operation, concurrency, retry, breaker, acknowledge }: EndpointSetting, line: Endpoint['line']): Omit<Endpoint, 'interchanges'> => ({
  id, line, system, format,
  json: json ?? false,
  operationOf: (kind) => (typeof operation === 'object' ? operation[kind ?? ''] ?? '' : operation ?? ''),
  concurrency: concurrency ?? defaults.concurrency,
  retry: { firstMs: retry?.firstMs ?? defaults.firstMs, maxMs: retry?.maxMs ?? defaults.maxMs, attempts: retry?.attempts ?? defaults.attempts, ageMs: readDuration(retry?.age ?? '') ?? defaults.ageMs },
  breaker: { failures: breaker?.failures ?? defaults.failures, probeMs: breaker?.probeMs ?? defaults.probeMs },
  acknowledge: acknowledge ?? 'wished',
})
