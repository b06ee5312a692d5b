import type { OutboundLine } from '../../connectors/contract.js'
import type { RetryRules } from './back-off.js'
import type { BreakerRules } from './breaker.js'

/** Where deliveries go, ready to be called. */
export interface Endpoint {
  readonly id: string
  readonly line: OutboundLine
  /** The system behind it; undefined where nothing is known of it. */
  readonly system: string | undefined
  readonly format: string
  /** The JSON form of a format of XML. */
  readonly json: boolean
  readonly operationOf: (kind: string | undefined) => string
  readonly concurrency: number
  readonly retry: RetryRules
  readonly breaker: BreakerRules
  readonly acknowledge: 'wished' | 'always' | 'never'
}
