import type { Static, TObject } from '@sinclair/typebox'
import type { Node } from '../../schemas/node.js'
import { ok, type Result } from '../../schemas/result.js'
import { decodeWire } from '../../schemas/wire/decode-wire.js'
import { encodeWire } from '../../schemas/wire/encode-wire.js'
import { wireNamespace } from '../../schemas/wire/wire-schema.js'
import type { Credentials } from '../../schemas/credentials.js'

export interface SoapOperation {
  /** The local name of the body's element; the answer's is the same with `Response`. */
  readonly name: string
  /** The SOAPAction that the WSDL declares. */
  readonly action: string
  readonly invoke: (content: Node, credentials: Credentials) => Promise<Result<Node>>
}

/** An operation by the schemas of what it takes and what it gives. */
export const makeSoapOperation = <I extends TObject, O extends TObject>(
  name: string, input: I, output: O, run: (given: Static<I>, credentials: Credentials) => Promise<Result<Static<O>>>,
): SoapOperation => ({
  name,
  action: `${wireNamespace}:${name}`,
  invoke: async (content, credentials) => {
    const given = decodeWire(input, content)
    if (!given.ok) return given
    const answer = await run(given.value, credentials)
    return answer.ok ? ok(encodeWire(output, `${name}Response`, answer.value)) : answer
  },
})
