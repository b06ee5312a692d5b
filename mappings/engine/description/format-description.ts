import { lazily } from '../../../schemas/lazily.js'
import type { Issue } from '../../../schemas/message-answer.js'
import type { Node } from '../../../schemas/node.js'
import { fail, ok, type Result } from '../../../schemas/result.js'
import type { ReadMap } from '../built-maps.js'
import type { ChildOrder } from '../format-shape.js'
import { compileProfile } from './check-profile.js'
import { checkNarrowing } from './check-narrowing.js'
import { compileValidator, type Validate, type ValidatorNames } from './compile-validator.js'
import type { Description, Member } from './description.js'
import { orderOfDescription } from './description-order.js'
import { secretNamesOf } from './secret-names.js'
import { clark, parseDescription } from './parse-description.js'
import { parseProfile } from './parse-profile.js'
import type { Profile } from './profile.js'
import type { RuleFunction } from './rule-tests.js'

/** A language's description and the profiles of it. Read and compiled when something is first asked of it, where the build has seen that it is good. */
export interface FormatDescription {
  /** undefined where the description has no such document. */
  readonly orderOf: (root: RootName) => ChildOrder | undefined
  readonly validatorOf: (format: FormatName, names: ValidatorNames) => Validate
  readonly parts: () => DescriptionParts
  /** The names of elements, and of attributes with an `@`, that it marks secret. Of what the build has read `format.yaml` names them too, so that nothing has to be read for them. */
  readonly secrets: readonly string[]
}

export interface DescriptionParts {
  readonly description: Description
  readonly profiles: readonly Profile[]
}

export interface RootName {
  readonly name: string
  readonly namespace: string
}

interface FormatName extends RootName {
  /** `ubl/order` */
  readonly id: string
}

interface Sources {
  readonly descriptions: readonly ReadMap[]
  readonly profiles: readonly ReadMap[]
  readonly namespaces: Readonly<Record<string, string>>
  readonly functions: Readonly<Record<string, RuleFunction>>
}

/** Fails with mapping-invalid at file and line, unless the build has seen all of it. */
export const openFormatDescription = (sources: Sources): Result<FormatDescription> => {
  const read = lazily(() => readParts(sources))
  let secrets: readonly string[] = []
  if ([...sources.descriptions, ...sources.profiles].some(({ checked }) => !checked)) {
    const parts = read()
    if (!parts.ok) return parts
    secrets = secretNamesOf(parts.value.description)
  }
  const parts = (): DescriptionParts => {
    const made = read()
    if (!made.ok) throw new Error(`${made.at}: ${made.detail}`)
    return made.value
  }
  return ok({
    parts,
    secrets,
    orderOf: (root) => {
      const document = documentOf(parts().description, root)
      return document === undefined ? undefined : orderOfDescription(parts().description, document)
    },
    validatorOf: (format, names) => {
      const validate = lazily(() => compileFormat(parts(), format, names))
      return (root, strict) => validate()(root, strict)
    },
  })
}

export const documentOf = ({ documents }: Description, { name, namespace }: RootName): Member | undefined => documents.get(clark(namespace, name))

const compileFormat = ({ description, profiles }: DescriptionParts, format: FormatName, names: ValidatorNames): Validate => {
  const document = documentOf(description, format)
  const structure: Validate = document === undefined ? () => [] : compileValidator(description, document, names)
  const rules = profiles.filter(({ of }) => of.includes(format.id)).map((profile) => compileProfile(profile, names))
  if (rules.length === 0) return structure
  return (root: Node, strict: boolean): readonly Issue[] => [...structure(root, strict), ...rules.flatMap((check) => check(root))]
}

const readParts = ({ descriptions, profiles, namespaces, functions }: Sources): Result<DescriptionParts> => {
  const description = parseDescription(descriptions.map(({ located }) => located), namespaces)
  if (!description.ok) return description
  const read: Profile[] = []
  for (const { located, checked } of profiles) {
    const profile = parseProfile(located, namespaces, functions)
    if (!profile.ok) return profile
    // The build has seen that its own profiles narrow its own descriptions.
    const narrows = descriptions.length === 0 || (checked && descriptions.every((one) => one.checked))
    const narrowed = narrows ? ok(undefined) : checkNarrowing(description.value, profile.value)
    if (!narrowed.ok) return narrowed
    if (read.some(({ name }) => name === profile.value.name)) return fail('mapping-invalid', profile.value.at, `There is a profile '${profile.value.name}' already.`)
    read.push(profile.value)
  }
  return ok({ description: description.value, profiles: read })
}
