import type { EndpointCounts } from '../central/deliveries/endpoint-states.js'
import type { Endpoint } from './endpoint.js'

/** An endpoint as it is shown. */
export interface EndpointView extends Omit<EndpointCounts, 'endpoint' | 'open'> {
  readonly id: string
  readonly configured: boolean
  readonly format?: string
  readonly system?: string
  readonly breaker: 'closed' | 'open'
}

const quiet: Omit<EndpointCounts, 'endpoint'> = { failures: 0, open: false, probeAt: null, heldUntil: null, badSince: null, waiting: 0, parked: 0, oldestParked: null }

/** The endpoints of the settings and those that are only known from deliveries, by id. */
export const viewEndpoints = (endpoints: ReadonlyMap<string, Endpoint>, counts: readonly EndpointCounts[]): readonly EndpointView[] => {
  const known = new Map(counts.map(({ endpoint, ...rest }) => [endpoint, rest]))
  return [...new Set([...endpoints.keys(), ...known.keys()])].sort().map((id) => {
    const { open, ...rest } = known.get(id) ?? quiet
    const setting = endpoints.get(id)
    return {
      id, configured: setting !== undefined, ...(setting === undefined ? {} : { format: setting.format }), ...(setting?.system === undefined ? {} : { system: setting.system }),
      ...rest, breaker: open ? 'open' : 'closed',
    }
  })
}
