import type { Static, TObject } from '@sinclair/typebox'
import type { Node } from '../../schemas/node.js'
import { ok, type Result } from '../../schemas/result.js'
import { decodeWire } from '../../schemas/wire/decode-wire.js'
import { encodeWire } from '../../schemas/wire/encode-wire.js'
import { wireNamespace } from '../../schemas/wire/wire-schema.js'
import type { Credentials } from '../../schemas/credentials.js'
import type { MimeParts } from './mtom/mime-parts.js'

/** Who calls, and the parts that came beside the envelope. */
export interface SoapCaller {
  readonly credentials: Credentials
  readonly parts: MimeParts
}

export interface SoapOperation {
  /** The local name of the body's element; the answer's is the same with `Response`. */
  readonly name: string
  /** The SOAPAction that the WSDL declares. */
  readonly action: string
  readonly invoke: (content: Node, caller: SoapCaller) => Promise<Result<Node>>
}

/** An operation by the schemas of what it takes and what it gives. */
export const makeSoapOperation = <I extends TObject, O extends TObject>(
  name: string, input: I, output: O, run: (given: Static<I>, caller: SoapCaller) => Promise<Result<Static<O>>>,
): SoapOperation => ({
  name,
  action: `${wireNamespace}:${name}`,
  invoke: async (content, caller) => {
    const given = decodeWire(input, content)
    if (!given.ok) return given
    const answer = await run(given.value, caller)
    return answer.ok ? ok(encodeWire(output, `${name}Response`, answer.value)) : answer
  },
})
