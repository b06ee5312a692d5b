import type { Quota } from './quotas.js'

/** A configured way in: who speaks through it, in which languages, and how strictly they are read. */
export interface Channel {
  readonly id: string
  /** Whose names for parties the documents carry. */
  readonly system: string
  /** The one partner of the channel; undefined where many speak through it, each document naming its issuer. */
  readonly partner: string | undefined
  /** The languages of formats that it takes. */
  readonly languages: readonly string[]
  /** Whether a wrong total is a warning or refuses the document. */
  readonly totals: 'warn' | 'refuse'
  /** Whether a caller without a key in the HTTP headers may show it in the header of its documents. */
  readonly credentials: 'key' | 'cxml'
  /** The form of its answers over HTTP. */
  readonly answer: 'hub' | 'cxml'
  /** Whether what breaks the description of its format, or a rule of a profile that it says it keeps to, refuses the document or is a warning. */
  readonly validation: 'refuse' | 'warn'
  /** Whether what breaks the description of a format or is unknown to it refuses the document. */
  readonly strict: boolean
  /** Whether only messages that are signed by one of the channel's certificates are taken. */
  readonly signed: 'optional' | 'required'
  /** Whether its documents are acknowledged: where their envelopes ask for it, whatever they say, or never. What acknowledges itself never is. */
  readonly acknowledge: 'wished' | 'always' | 'never'
  /** Of a message as received. */
  readonly maxBytes: number
  /** Of a message once it is decompressed. */
  readonly maxExpandedBytes: number
  /** Elements and attributes, values, cells, segments or fields of a message, and of each part of a giant. */
  readonly maxNodes: number
  /** A larger message is a giant: it is not held whole, and its parts are taken in slices. */
  readonly giantBytes: number
  /** Of a giant as received; its parts and what cannot be taken in parts have at most maxBytes. */
  readonly maxGiantBytes: number
  /** Of each sender. */
  readonly quota: Quota | undefined
}

/**
 * What a channel must say; the rest has defaults: the system is named like the channel, totals warn, 32 MiB as received and
 * twice that decompressed, 80,000 nodes; above 8 MiB a message is a giant, of at most 1 GiB, or of maxBytes where only that is said.
 */
export interface ChannelSettings {
  readonly id: string
  readonly languages: readonly string[]
  readonly system?: string | undefined
  readonly partner?: string | undefined
  readonly totals?: 'warn' | 'refuse' | undefined
  readonly credentials?: 'key' | 'cxml' | undefined
  readonly answer?: 'hub' | 'cxml' | undefined
  readonly validation?: 'refuse' | 'warn' | undefined
  readonly strict?: boolean | undefined
  readonly signed?: 'optional' | 'required' | undefined
  readonly acknowledge?: 'wished' | 'always' | 'never' | undefined
  readonly maxBytes?: number | undefined
  readonly maxNodes?: number | undefined
  readonly giantBytes?: number | undefined
  readonly maxGiantBytes?: number | undefined
  readonly quota?: Quota | undefined
}

const defaults = { maxBytes: 32 * 1024 * 1024, maxNodes: 80_000, giantBytes: 8 * 1024 * 1024, maxGiantBytes: 1024 * 1024 * 1024 } as const

export const makeChannel = (settings: ChannelSettings): Channel => {
  const maxBytes = settings.maxBytes ?? defaults.maxBytes
  return {
    id: settings.id,
    system: settings.system ?? settings.id,
    partner: settings.partner,
    languages: settings.languages,
    totals: settings.totals ?? 'warn',
    credentials: settings.credentials ?? 'key',
    answer: settings.answer ?? 'hub',
    validation: settings.validation ?? 'warn',
    strict: settings.strict ?? false,
    signed: settings.signed ?? 'optional',
    acknowledge: settings.acknowledge ?? 'wished',
    maxBytes,
    maxExpandedBytes: maxBytes * 2,
    maxNodes: settings.maxNodes ?? defaults.maxNodes,
    giantBytes: settings.giantBytes ?? defaults.giantBytes,
    maxGiantBytes: settings.maxGiantBytes ?? settings.maxBytes ?? defaults.maxGiantBytes,
    quota: settings.quota,
  }
}
