import { XmlBufferInputProvider, xmlCleanupInputProvider, XmlDocument, XmlLibError, xmlRegisterInputProvider, XsdValidator } from 'libxml2-wasm'
import { fail, ok, type Failure, type Result } from '../../../schemas/result.js'
import { linkXsds, type LinkedXsds } from './link-xsds.js'
import { parseOptions, readXsd, type Xsd } from './read-xsd.js'
import type { SchemaFile } from './schema-set.js'

/** XSDs compiled, holding memory outside of JavaScript until they are disposed of. */
export interface CompiledXsds {
  /** Global elements, as `{namespace}name`. */
  readonly elements: readonly string[]
  readonly validatorOf: (element: string) => XsdValidator | undefined
  readonly dispose: () => void
}

/** Compiles the XSDs of a set. Fails with schema-invalid at `path:line`. */
export const compileXsds = (files: readonly SchemaFile[]): Result<CompiledXsds> => {
  const xsds: Xsd[] = []
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const xsd = readXsd(file)
    if (!xsd.ok) return xsd
    xsds.push(xsd.value)
  }
  const whole = compileLinked(linkXsds(xsds, true))
  if (whole.ok || !whole.detail.includes(declaredTwice)) return whole
  const apart = compileLinked(linkXsds(xsds, false))
  return apart.ok ? checkDistinct(apart.value, whole) : apart
}

/** libxml2 says so of a name that two files of one namespace declare. */
const declaredTwice = 'does already exist'

interface Compiled extends CompiledXsds {
  readonly twice: string | undefined
}

const checkDistinct = (compiled: Compiled, whole: Failure): Result<CompiledXsds> => {
  if (compiled.twice === undefined) return ok(compiled)
  compiled.dispose()
  return fail('schema-invalid', whole.at, `${whole.detail} Two files that no other includes declare the element ${compiled.twice}: register them as two sets.`)
}

const compileLinked = (linked: Result<LinkedXsds>): Result<Compiled> => {
  if (!linked.ok) return linked
  const validators: XsdValidator[] = []
  const byElement = new Map<string, XsdValidator>()
  let twice: string | undefined
  const dispose = (): void => { for (const validator of validators) validator.dispose() }
  for (const { text, elements } of linked.value.schemas) {
    const validator = compileOne(linked.value, text)
    if (!validator.ok) {
      dispose()
      return validator
    }
    validators.push(validator.value)
    for (const element of elements) {
      if (byElement.has(element)) twice ??= element
      byElement.set(element, validator.value)
    }
  }
  return ok({ elements: [...byElement.keys()], validatorOf: (element) => byElement.get(element), dispose, twice })
}

/** The documents can be opened while the schema is compiled and never again: what an instance names in xsi:schemaLocation is not there. */
const compileOne = ({ documents, pathOf }: LinkedXsds, text: string): Result<XsdValidator> => {
  xmlCleanupInputProvider()
  xmlRegisterInputProvider(new XmlBufferInputProvider(Object.fromEntries([...documents].map(([address, content]) => [address, Buffer.from(content, 'utf8')]))))
  const schema = XmlDocument.fromString(text, { url: 'set:///set', option: parseOptions })
  try {
    return ok(XsdValidator.fromDoc(schema))
  } catch (error) {
    if (error instanceof XmlLibError) return failureOf(error, pathOf)
    throw error
  } finally {
    schema.dispose()
    xmlCleanupInputProvider()
  }
}

const failureOf = (error: XmlLibError, pathOf: LinkedXsds['pathOf']): Failure => {
  const errors = error.details.filter(({ level }) => level >= 2)
  const first = errors[0]
  const path = first?.file === undefined ? undefined : pathOf(first.file)
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return fail('schema-invalid', path === undefined ? 'files' : `${path}:${first?.line ?? 1}`, `${(first?.message ?? error.message).replaceAll('{http://www.w3.org/2001/XMLSchema}', 'xs:').trim()}${more}`)
}
