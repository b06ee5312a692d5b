import { fail, ok, type Result } from '../../schemas/result.js'
import { idempotencyKeyPattern, mostKeyCharacters } from '../../schemas/idempotency-key.js'
import type { HttpRequest, Received } from '../contract.js'
import { readCredentials } from '../../schemas/credentials.js'
import { readWait } from '../read-wait.js'

const keyForm = new RegExp(idempotencyKeyPattern)

/**
 * What a `POST /in/{channel}` hands over beside its body. Fails with request-invalid for an idempotency key that has not the form of one and for a wait that can't be.
 */
export const readRequest = ({ params, query, headers }: Omit<HttpRequest, 'body'>): Result<Omit<Received, 'body'>> => {
  const idempotencyKey = headers['idempotency-key']
  if (idempotencyKey !== undefined && !keyForm.test(idempotencyKey)) {
    return fail('request-invalid', 'Idempotency-Key', `The key is not of 1 to ${mostKeyCharacters} printable ASCII characters.`)
  }
  const wait = readWait(query['wait'], query['timeoutMs'])
  if (!wait.ok) return wait
  return ok({
    channel: params['channel'] ?? '',
    contentType: headers['content-type'],
    contentEncoding: headers['content-encoding'],
    idempotencyKey,
    wait: wait.value,
    credentials: readCredentials(headers['authorization']),
  })
}
