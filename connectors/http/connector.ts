import { problemReply } from '../../schemas/problem.js'
import type { Connector, ConnectorHost, HttpReply, HttpRequest, HttpStream } from '../contract.js'
import { description } from './description.js'
import { readRequest } from './read-request.js'
import { writeAnswer } from './write-answer.js'

/** `POST /in/{channel}`: the body is one message in any format that the channel takes. */
export const connector: Connector = {
  name: 'http',
  routes: (host) => [{
    method: 'POST',
    path: '/in/:channel',
    description,
    handle: (request) => takeIn(host, request),
    ...streamTo(host),
    refuse: (failure, { requestId }) => problemReply(failure, requestId),
  }],
}

const takeIn = async (host: ConnectorHost, request: HttpRequest): Promise<HttpReply> => {
  const received = readRequest(request)
  if (!received.ok) return problemReply(received, request.requestId)
  const answer = await host.receive({ ...received.value, body: request.body })
  return answer.ok ? writeAnswer(answer.value, request.headers['accept']) : problemReply(answer, request.requestId)
}

const streamTo = ({ receiveStream, giantBytes }: ConnectorHost): { readonly stream?: HttpStream } => {
  if (receiveStream === undefined || giantBytes === undefined) return {}
  return {
    stream: {
      above: ({ params }) => giantBytes(params['channel'] ?? ''),
      handle: async (request) => {
        const { body, contentLength, headers, requestId } = request
        const received = readRequest(request)
        if (!received.ok) return problemReply(received, requestId)
        const answer = await receiveStream({ ...received.value, body, contentLength })
        return answer.ok ? writeAnswer(answer.value, headers['accept']) : problemReply(answer, requestId)
      },
    },
  }
}
