import { errorEntry } from '../../schemas/error-registry.js'
import type { Node } from '../../schemas/node.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { DeliveryFailure, DeliveryResult, PartnerFault } from '../contract.js'
import { retryAfterOf } from '../outgoing/retry-after.js'
import type { Cage } from './cage.js'
import type { OperationChoice, ReadAnswer } from './cage-protocol.js'
import type { ExchangeAnswer } from '../outgoing/exchange.js'
import { makeTreeAssembler } from './tree-batches.js'

interface Interpreting {
  readonly cage: Cage
  readonly choice: OperationChoice
  readonly oneWay: boolean
  readonly timeoutMs: number
}

const delivered = ({ status, body }: ExchangeAnswer, answer: Node | undefined): DeliveryResult => ({ ok: true, value: { status, body, answer } })

/**
 * What an HTTP answer means for the delivery. A fault is a fault whatever its status; of what is no envelope the status
 * speaks. Everything that is not good keeps status and bytes.
 */
export const interpretAnswer = async (answer: ExchangeAnswer, by: Interpreting): Promise<DeliveryResult> => {
  const { status, body, headers } = answer
  const good = status >= 200 && status < 300
  const contentType = headers['content-type'] ?? ''
  if (body.byteLength === 0) return good && by.oneWay ? delivered(answer, undefined) : failed(answer, good ? fail('answer-invalid', 'answer', 'The answer is empty.') : statusFailure(answer))
  if (contentType !== '' && !/^\s*(?:text\/xml|application\/(?:[a-z0-9.-]+\+)?xml|multipart\/)/i.test(contentType)) {
    if (!good) return failed(answer, statusFailure(answer))
    return by.oneWay ? delivered(answer, undefined) : failed(answer, fail('answer-invalid', 'answer Content-Type', `The answer is ${JSON.stringify(contentType.slice(0, 100))} and no SOAP envelope.`))
  }
  const read = await by.cage.ask({ kind: 'read', choice: by.choice, bytes: body, contentType }, by.timeoutMs)
  if (!read.ok) return good && by.oneWay ? delivered(answer, undefined) : failed(answer, good ? read : statusFailure(answer))
  if (read.value.kind === 'fault') return failed(answer, faultFailure(read.value.fault), read.value.fault)
  if (!good) return failed(answer, statusFailure(answer))
  const tree = await takeTree(read.value, by)
  return tree.ok ? delivered(answer, tree.value) : failed(answer, tree)
}

const takeTree = async (read: ReadAnswer, { cage, timeoutMs }: Interpreting): Promise<Result<Node | undefined>> => {
  if (read.kind !== 'tree') return ok(undefined)
  const assembler = makeTreeAssembler()
  let { batch } = read
  for (;;) {
    assembler.add(batch.nodes)
    if (batch.last) return ok(assembler.root())
    const next = await cage.ask({ kind: 'more', tree: read.tree }, timeoutMs)
    if (!next.ok) return next
    batch = next.value
  }
}

/** Codes after which the partner did nothing: the request was at fault, or none of what it asked was begun. */
const withoutEffect = new Set(['soap-fault-sender', 'partner-denied', 'address-refused'])

const failed = (answer: ExchangeAnswer, { code, at, detail }: Failure, fault?: PartnerFault): DeliveryFailure => {
  const { status, body } = answer
  return { ok: false, code, at, detail, status, body, retry: errorEntry(code).retry, mayHaveTakenEffect: !withoutEffect.has(code), ...(fault === undefined ? {} : { fault }), ...retryAfterOf(answer, Date.now()) }
}

const statusFailure = ({ status, headers }: ExchangeAnswer): Failure => {
  const type = headers['content-type']
  const what = `The answer is HTTP ${status}${type === undefined ? '' : ` with ${JSON.stringify(type.slice(0, 100))}`} and no SOAP fault.`
  if (status >= 300 && status < 400) return fail('address-refused', 'answer', `${what} A call is never redirected; give the new address as endpoint.`)
  if (status >= 500 || status === 408 || status === 425 || status === 429) return fail('partner-unavailable', 'answer', what)
  return fail('partner-denied', 'answer', status === 401 || status === 403 || status === 407 ? `${what} See whether the credentials are right.` : what)
}

const mostText = 500

/** SOAP 1.1, section 4.4.1, has dotted codes; a code of the partner's own says nothing about a retry, so none is advised. */
const faultFailure = ({ codes, text }: PartnerFault): Failure => {
  const [code = ''] = codes
  const receiver = /^(?:Server|Receiver)(?:\.|$)/.test(code)
  return fail(receiver ? 'soap-fault-receiver' : 'soap-fault-sender', `fault ${codes.join(' / ').slice(0, 200)}`, text === '' ? 'The fault has no text.' : text.slice(0, mostText))
}
