import type { Credentials } from '../schemas/credentials.js'
import type { Failure, Result } from '../schemas/result.js'
import type { MessageAnswer } from '../schemas/message-answer.js'
import type { Node } from '../schemas/node.js'

/** A message as it arrived: bytes, and what the connector knows of them and of the sender. Never parsed for meaning. */
export interface Received {
  readonly channel: string
  readonly body: Uint8Array
  readonly contentType: string | undefined
  /** gzip, deflate or br, when the body is still compressed. */
  readonly contentEncoding: string | undefined
  readonly idempotencyKey: string | undefined
  readonly wait: Wait | undefined
  readonly credentials: Credentials
  /** Files that came with the message and are no part of its document. */
  readonly attachments?: readonly Attachment[]
}

export interface Attachment {
  readonly name: string | undefined
  readonly contentType: string | undefined
  readonly bytes: Uint8Array
}

/** A message of which more comes than is held at once. */
export interface ReceivedStream extends Omit<Received, 'body'> {
  /** Fails where the sender hangs up. */
  readonly body: AsyncIterable<Uint8Array>
  /** Of the whole body, where the sender said it. */
  readonly contentLength: number | undefined
}

export interface Wait {
  readonly followers: readonly string[]
  readonly timeoutMs: number
}

/** What the hub gives a connector. A failure here was not stored; whatever was stored comes as an answer, a rejection too. */
export interface ConnectorHost {
  readonly receive: (received: Received) => Promise<Result<MessageAnswer>>
  /** Takes a message in that is larger than `giantBytes` says, without holding it; a host may take none. */
  readonly receiveStream?: (received: ReceivedStream) => Promise<Result<MessageAnswer>>
  /** The largest body, as it is sent, that `receive` is for on this channel, in bytes. */
  readonly giantBytes?: (channel: string) => number
  readonly messageStatus: (messageId: string, credentials: Credentials) => Promise<Result<MessageAnswer>>
  /**
   * Whether the credentials are somebody's, whatever they may do. Where they may be used only once, this is the use, and the same
   * object is good for what the hub is asked with it afterwards.
   */
  readonly authenticate: (credentials: Credentials) => Promise<Result<unknown>>
  /** How a channel is spoken with; undefined where there is no such channel. */
  readonly channelForm: (channel: string) => ChannelForm | undefined
  readonly nowMs: () => number
  /** The largest body that any channel takes, in bytes. */
  readonly maxBodyBytes: number
  /** The largest body, in bytes, that is read without a key in the HTTP headers: of callers who say in it who they are. */
  readonly openBytes: number
}

export interface ChannelForm {
  /** Whether a caller without a key in the HTTP headers may show it in the header of its document. */
  readonly credentials: 'key' | 'cxml'
  readonly answer: 'hub' | 'cxml'
  /** The elements below the root that its documents are known by: `Request/OrderRequest`. */
  readonly takes: readonly string[]
}

export interface HttpRequest {
  /** Values of the `:name` places of the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** `http://host:port` under which the caller reached the hub. */
  readonly baseUrl: string
  readonly requestId: string
}

/** A request of which only the head has come. */
export interface HttpStreamRequest extends Omit<HttpRequest, 'body'> {
  readonly body: AsyncIterable<Uint8Array>
  readonly contentLength: number | undefined
}

/** Takes large bodies as they come. */
export interface HttpStream {
  /** The largest body, in bytes, that `handle` of the route is to be given. */
  readonly above: (request: Pick<HttpRequest, 'params'>) => number
  readonly handle: (request: HttpStreamRequest) => Promise<HttpReply>
}

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An answer as /openapi.json tells it: for each content type a JSON Schema (one with an `$id` becomes a component of that name) and an example. */
export interface RouteAnswer {
  readonly description: string
  readonly content: Readonly<Record<string, { readonly schema: object, readonly example: unknown }>>
}

/** How a route is told in /openapi.json. Schemas are JSON Schema; the connector itself checks what arrives. */
export interface RouteDescription {
  readonly operationId: string
  readonly summary: string
  readonly tag: string
  readonly params?: object
  readonly query?: object
  readonly headers?: object
  /** An example of a body for each content type. */
  readonly bodies?: Readonly<Record<string, string>>
  /** By status; any other is a problem. Made when the description is first asked for, not at the start. */
  readonly answers: () => Readonly<Record<string, RouteAnswer>>
  /** Whether the caller shows a key; then nothing of the body is read without one, but for what `openBytes` says. */
  readonly secured: boolean
  /** How many bytes, uncompressed, a body may have that comes without a key: for operations that are open to all. */
  readonly openBytes?: number
}

export interface HttpRoute {
  readonly method: 'GET' | 'POST'
  readonly description: RouteDescription
  /** `/in/:channel` */
  readonly path: string
  /** How many bytes, uncompressed, are read of a caller without a key, where that depends on what is called; before what the description says. */
  readonly openBytes?: (params: HttpRequest['params']) => number | undefined
  readonly handle: (request: HttpRequest) => Promise<HttpReply>
  /** Where it is missing, a body larger than the hub holds is refused. */
  readonly stream?: HttpStream
  /** Tells, as this protocol does, a failure outside of `handle`: a body too large, a hub that shuts down, a fault already logged. */
  readonly refuse: (failure: Failure, request: Pick<HttpRequest, 'headers' | 'requestId'>) => HttpReply
}

/** A document on its way out, as bytes or as a tree; values are text from end to end. */
export type Payload =
  | { readonly type: 'xml' | 'json' | 'csv' | 'text', readonly bytes: Uint8Array }
  | { readonly type: 'tree', readonly root: Node }

export interface Delivery {
  /** What the partner is to do, where its interface knows several things. */
  readonly operation: string
  /** Undefined where the operation takes nothing. */
  readonly payload: Payload | undefined
  /** Missing where a person calls by hand. */
  readonly place?: DeliveryPlace
}

/** What a partner tells repeats and gaps by. */
export interface DeliveryPlace {
  /** The same each time that the delivery is tried. */
  readonly id: string
  /** The business key within which deliveries are in order. */
  readonly key: string
  /** 1, 2, 3, … within the key. */
  readonly sequence: number
}

/** What the partner answered. */
export interface DeliveryAnswer {
  /** Of HTTP. */
  readonly status: number
  /** As received, uncompressed. */
  readonly body: Uint8Array
  /** The document in the answer; undefined where the operation answers nothing. */
  readonly answer: Node | undefined
  /** The partner took it, and says in a message of its own later whether it came as it was sent. */
  readonly receiptPending?: true
}

/** What a partner's system said when it failed, in its own words. */
export interface PartnerFault {
  /** The code without a prefix, then the more specific ones. */
  readonly codes: readonly string[]
  readonly text: string
  readonly actor: string
  /** What stands in the detail, as XML; '' where there is none. */
  readonly detailXml: string
}

/** Why nothing, or nothing good, came back. It names no credentials. */
export interface DeliveryFailure extends Failure {
  /** Whether the same delivery can succeed later. */
  readonly retry: boolean
  /** Whether the partner may have done what was asked all the same: then a retry may do it twice. */
  readonly mayHaveTakenEffect: boolean
  /** What came back, as far as something did. */
  readonly status?: number
  readonly body?: Uint8Array
  readonly fault?: PartnerFault
  /** How long the partner asks to be left alone, in ms. */
  readonly retryAfterMs?: number
}

export type DeliveryResult = { readonly ok: true, readonly value: DeliveryAnswer } | DeliveryFailure

/** A way to one partner. */
export interface OutboundLine {
  readonly deliver: (delivery: Delivery) => Promise<DeliveryResult>
  /** Receipts are to come later, as messages of the partner's system. */
  readonly receiptsLater?: true
}

/** The way out of a connector, with what all its lines share. */
export interface Outbound {
  /** Checks a partner's settings and makes the way; nothing is called yet. Fails with config-invalid at the setting. */
  readonly open: (settings: unknown) => Result<OutboundLine>
  readonly close: () => Promise<void>
}

/** What the hub gives a connector that fetches messages by itself. */
export interface PullHost extends ConnectorHost {
  /** With which what it fetches is received. */
  readonly credentials: Credentials
  readonly log: { readonly warn: (fields: object, text: string) => void, readonly debug: (fields: object, text: string) => void }
}

/** Fetching, while it goes on. */
export interface Pulling {
  /** Why nothing, or not all, is fetched at the moment; undefined where all is. */
  readonly trouble: () => string | undefined
  /** Takes what is under way to its end. */
  readonly stop: () => Promise<void>
}

/** One folder under connectors/ exports one of these as `connector` from its connector.ts; nothing else lists it. */
export interface Connector {
  readonly name: string
  readonly routes: (host: ConnectorHost) => readonly HttpRoute[]
  /** Missing where the connector only takes in. What it needs is loaded when this is first called. */
  readonly outbound?: () => Promise<Outbound>
  /** Begins to fetch what its settings name; missing where the connector is called by others. */
  readonly pull?: (host: PullHost, settings: unknown) => Promise<Pulling>
}
