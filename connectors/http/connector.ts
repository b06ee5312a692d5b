import { problemReply } from '../../schemas/problem.js'
import type { Connector, ConnectorHost, HttpReply, HttpRequest } from '../contract.js'
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
    refuse: (failure, { requestId }) => problemReply(failure, requestId),
  }],
}

const takeIn = async (host: ConnectorHost, request: HttpRequest): Promise<HttpReply> => {
  const received = readRequest(request)
  if (!received.ok) return problemReply(received, request.requestId)
  const answer = await host.receive(received.value)
  return answer.ok ? writeAnswer(answer.value, request.headers['accept']) : problemReply(answer, request.requestId)
}
