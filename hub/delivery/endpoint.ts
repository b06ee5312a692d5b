import type { OutboundLine } from '../../connectors/contract.js'
import type { SegmentFamily } from '../../schemas/segment-separators.js'
import type { RetryRules } from './back-off.js'
import type { BreakerRules } from './breaker.js'

/** How a party is called on the envelope of an interchange: its identification and the code that says whose it is. */
export interface Mailbox {
  readonly id: string
  readonly qualifier?: string | undefined
}

/** What stands on the envelopes of an endpoint that takes interchanges. */
export interface Interchanges {
  readonly family: SegmentFamily
  /** Control numbers are counted together for all endpoints of this name: what a partner acknowledges is one of them. */
  readonly counter: string
  /** Where one is missing, the document says who. */
  readonly sender: Mailbox | undefined
  readonly receiver: Mailbox | undefined
  /** Whether the partner is asked for an acknowledgement. */
  readonly acknowledgement: boolean
}

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
  /** Undefined where its format is none of segments. */
  readonly interchanges: Interchanges | undefined
}
