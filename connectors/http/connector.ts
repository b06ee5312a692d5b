import { problemReply } from '../../schemas/problem.js'
import type { Failure } from '../../schemas/result.js'
import type { Connector, ConnectorHost, HttpReply, HttpRequest, HttpStream, Received } from '../contract.js'
import { isProfileRequest } from './cxml/is-profile-request.js'
import { readCxmlSender } from './cxml/read-sender.js'
import { writeCxmlAnswer, writeCxmlFailure, writeCxmlProfile, type Reply } from './cxml/write-response.js'
import { description } from './description.js'
import { readRequest } from './read-request.js'
import { writeAnswer } from './write-answer.js'

/** In: `POST /in/{channel}`, the body is one message in any format that the channel takes. Out: a document to a partner's address. */
export const connector: Connector = {
  name: 'http',
  routes: (host) => [{
    method: 'POST',
    path: '/in/:channel',
    description,
    openBytes: ({ channel = '' }) => (host.channelForm(channel)?.credentials === 'cxml' ? host.openBytes : undefined),
    handle: (request) => takeIn(host, request),
    ...streamTo(host),
    refuse: (failure, { requestId }) => problemReply(failure, requestId),
  }],
  outbound: async () => {
    const { makeOutbound, systemDeps } = await import('./make-outbound.js')
    return makeOutbound(systemDeps)
  },
}

const takeIn = async (host: ConnectorHost, request: HttpRequest): Promise<HttpReply> => {
  const read = readRequest(request)
  if (!read.ok) return problemReply(read, request.requestId)
  const form = host.channelForm(read.value.channel)
  const isCxml = form?.answer === 'cxml'
  const reply = replyTo(host, request.requestId)
  const refuse = (failure: Failure): HttpReply => (isCxml ? writeCxmlFailure(failure, reply) : problemReply(failure, request.requestId))
  const credentials = form?.credentials === 'cxml' && read.value.credentials.type === 'none' ? readCxmlSender({ ...read.value, body: request.body }) : undefined
  if (credentials?.ok === false) return refuse(credentials)
  const { channel, contentType, contentEncoding, idempotencyKey, wait } = read.value
  const received: Received = { channel, contentType, contentEncoding, idempotencyKey, wait, credentials: credentials?.value ?? read.value.credentials, body: request.body }
  if (isCxml && isProfileRequest(received)) {
    const caller = await host.authenticate(received.credentials)
    return caller.ok ? writeCxmlProfile(requestsOf(form.takes), `${request.baseUrl}/in/${encodeURIComponent(received.channel)}`, reply) : refuse(caller)
  }
  const answer = await host.receive(received)
  if (!answer.ok) return refuse(answer)
  return isCxml ? writeCxmlAnswer(answer.value, reply) : writeAnswer(answer.value, request.headers['accept'])
}

const requestsOf = (paths: readonly string[]): readonly string[] => paths.flatMap((path) => /^Request\/([^/]+)$/.exec(path)?.[1] ?? [])

const replyTo = (host: ConnectorHost, requestId: string): Reply => ({ payloadId: `${requestId}.${host.nowMs()}@chainhub`, nowMs: host.nowMs() })

const streamTo = (host: ConnectorHost): { readonly stream?: HttpStream } => {
  const { receiveStream, giantBytes } = host
  if (receiveStream === undefined || giantBytes === undefined) return {}
  return {
    stream: {
      above: ({ params }) => giantBytes(params['channel'] ?? ''),
      handle: async (request) => {
        const { body, contentLength, headers, requestId } = request
        const received = readRequest(request)
        if (!received.ok) return problemReply(received, requestId)
        const answer = await receiveStream({ ...received.value, body, contentLength })
        if (host.channelForm(received.value.channel)?.answer === 'cxml') return answer.ok ? writeCxmlAnswer(answer.value, replyTo(host, requestId)) : writeCxmlFailure(answer, replyTo(host, requestId))
        return answer.ok ? writeAnswer(answer.value, headers['accept']) : problemReply(answer, requestId)
      },
    },
  }
}
