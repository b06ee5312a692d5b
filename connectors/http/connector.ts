import { problemReply } from '../../schemas/problem.js'
import type { Connector, ConnectorHost, HttpReply, HttpRequest, RouteDescription } from '../contract.js'
import { readRequest } from './read-request.js'
import { writeAnswer } from './write-answer.js'

const exampleOrder = JSON.stringify({
  kind: 'order', number: 'PO-1', function: 'original', issuedOn: '2026-03-02', currency: 'EUR',
  parties: { buyer: { identifiers: [{ value: '0010300099' }], names: [{ value: 'Nordlicht Werkzeuge GmbH' }] } },
  lines: [{ number: '1', item: { names: [{ value: 'Hex bolt M8' }] }, quantity: { value: '10', unit: 'C62' }, amount: { value: '125', currency: 'EUR' } }],
})

const description: RouteDescription = {
  operationId: 'sendMessage', summary: 'Takes in one message, in any format that the channel takes, possibly an envelope of many documents', tag: 'messages', secured: true,
  params: { type: 'object', required: ['channel'], properties: { channel: { type: 'string', examples: ['canonical'] } } },
  query: { type: 'object', properties: { wait: { type: 'string', description: 'crm, warehouse or both with a comma', examples: ['crm,warehouse'] }, timeoutMs: { type: 'string', examples: ['5000'] } } },
  headers: { type: 'object', properties: { 'idempotency-key': { type: 'string', description: '1 to 255 printable ASCII characters; without it the bytes themselves are the key.' } } },
  bodies: { 'application/json': exampleOrder },
  answer: { description: '200 accepted, duplicate or partial; 422, 409 and 400 refused and stored, with a messageId.', contentType: 'application/json' },
}

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
