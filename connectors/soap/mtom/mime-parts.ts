import type { Node } from '../../../schemas/node.js'
import type { BodyPart } from '../../../schemas/multipart.js'
import { fail, ok, type Result } from '../../../schemas/result.js'

const xopNamespace = 'http://www.w3.org/2004/08/xop/include'

/** The parts beside the envelope, by Content-ID. */
export interface MimeParts {
  /** Whether the message came as a package at all: else an Include is an element like any other. */
  readonly packaged: boolean
  readonly size: number
  /** The part that an Include names. A part is taken once: two Includes of one part would make much of little. Fails with request-invalid. */
  readonly take: (include: Node, at: string) => Result<BodyPart>
  /** The ids of the parts that were not taken. */
  readonly left: () => readonly string[]
}

export const makeMimeParts = (parts: ReadonlyMap<string, BodyPart>, packaged = true): MimeParts => {
  const taken = new Set<string>()
  return {
    packaged,
    size: parts.size,
    take: (include, at) => {
      const href = include.attributes.find(({ name, namespace }) => name === 'href' && namespace === '')?.value ?? ''
      const id = idOf(href)
      const part = id === undefined ? undefined : parts.get(id)
      if (id === undefined || part === undefined) return fail('request-invalid', at, `${JSON.stringify(href)} names no part of the message by its Content-ID, as "cid:ID" does.`)
      if (taken.has(id)) return fail('request-invalid', at, `The part ${id} is included twice.`)
      taken.add(id)
      return ok(part)
    },
    left: () => [...parts.keys()].filter((id) => !taken.has(id)),
  }
}

export const noParts = (): MimeParts => makeMimeParts(new Map(), false)

/** The xop:Include that an element holds instead of text (XOP 1.0, section 2.1). */
export const includeOf = (node: Node): Node | undefined => {
  const [only] = node.children
  return only?.name === 'Include' && only.namespace === xopNamespace && node.children.length === 1 && node.text.trim() === '' ? only : undefined
}

/** A URL `cid:` percent-encodes what may not stand in a URL (RFC 2392). */
const idOf = (href: string): string | undefined => {
  if (!/^cid:/i.test(href)) return undefined
  try {
    return decodeURIComponent(href.slice(4))
  } catch {
    return undefined
  }
}
