import { Ajv, type ErrorObject } from 'ajv'
import { datePattern } from './canonical/common.js'
import { canonicalSchemas, documentKinds, type DocumentKind } from './canonical/canonical-document.js'
import { isBusinessDate } from './business-date.js'
import type { ErrorCode } from './error-registry.js'
import { lazily } from './lazily.js'
import type { Issue } from './message-answer.js'
import { splitSchemas } from './schema-parts.js'
import { compilePredicates } from './schema-predicate.js'
import { shortenLists } from './shorten-lists.js'

/** More issues of one document than a person reads are cut off. */
const mostIssues = 50

interface Explained {
  readonly errors: readonly ErrorObject[]
  readonly tooLong: readonly { readonly path: string, readonly most: number }[]
}

const makeValidators = () => {
  const { parts, nameOf } = splitSchemas(canonicalSchemas)
  const formats = { date: isDateIfWritten }
  const predicateOf = compilePredicates(parts, formats)
  // Needs a thousand times as long to be made as a document to be checked: nothing but a document with issues asks for it.
  const explaining = lazily(() => {
    // Optimised code takes twice the time to make and runs no faster; our own schemas need no schema to hold them against.
    const ajv = new Ajv({ allErrors: true, strict: false, messages: false, verbose: true, inlineRefs: false, validateSchema: false, code: { optimize: false }, formats })
    for (const [name, part] of parts) ajv.addSchema(part, name)
    return ajv
  })
  return {
    isValid: (kind: DocumentKind, document: unknown): boolean => predicateOf(nameOf(kind))(document),
    explain: (kind: DocumentKind, document: unknown): Explained => {
      const name = nameOf(kind)
      const validate = explaining().getSchema(name)
      if (validate === undefined) throw new Error(`there is no schema of ${kind}`)
      const tooLong: { readonly path: string, readonly most: number }[] = []
      const shortened = shortenLists({ parts, predicateOf, mostWrong: mostIssues, tooLong }, { $ref: name }, document)
      return { tooLong, errors: validate(shortened) === true ? [] : validate.errors ?? [] }
    },
  }
}

/** What is not written like a date its pattern refuses already. */
const isDateIfWritten = (text: string): boolean => !writtenAsDate.test(text) || isBusinessDate(text)
const writtenAsDate = new RegExp(datePattern)

const validators = lazily(makeValidators)

/**
 * Holds a document against the schema of its kind. An empty list means that it is a CanonicalDocument; otherwise each issue has a path
 * (`lines[0].item.gtin`) and says in a sentence what was found and what is expected.
 */
export const validateDocument = (document: unknown): readonly Issue[] => {
  const named: unknown = typeof document === 'object' && document !== null && 'kind' in document ? document.kind : undefined
  const kind = documentKinds.find((one) => one === named)
  if (kind === undefined) return [{ code: 'value-invalid', at: 'kind', detail: `A document says its kind, one of ${documentKinds.join(', ')}.` }]
  const { isValid, explain } = validators()
  if (isValid(kind, document)) return []
  const { errors, tooLong } = explain(kind, document)
  const told = errors.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'if').slice(0, mostIssues).map(issueOf)
  return [...tooLong.map(({ path, most }) => tooManyItems(path, most)), ...told].slice(0, mostIssues)
}

const pathOf = (pointer: string): string =>
  pointer.split('/').slice(1).map((step) => /^\d+$/.test(step) ? `[${step}]` : `.${step.replaceAll('~1', '/').replaceAll('~0', '~')}`).join('').replace(/^\./, '')

const issueOf = (error: ErrorObject): Issue => {
  const { keyword, instancePath } = error
  const params: Readonly<Record<string, unknown>> = error.params as Record<string, unknown>
  const path = pathOf(instancePath)
  const inside = (name: unknown): string => path === '' ? String(name) : `${path}.${String(name)}`
  const issue = (code: ErrorCode, at: string, detail: string): Issue => ({ code, at, detail })
  switch (keyword) {
    case 'required': return issue('field-missing', inside(params['missingProperty']), `The field ${inside(params['missingProperty'])} is missing${isAllowance(error) ? ', and no percent stands for it' : ''}.`)
    case 'additionalProperties': return issue('field-unknown', inside(params['additionalProperty']), `There is no field ${inside(params['additionalProperty'])}.`)
    case 'minItems': return issue('field-missing', path, `${path} needs at least ${String(params['limit'])} item.`)
    case 'maxItems': return tooManyItems(path, params['limit'])
    case 'minLength': return issue('field-missing', path, `${path} is empty.`)
    case 'maxLength': return issue('value-invalid', path, `${path} is longer than ${String(params['limit'])} characters.`)
    case 'type': return issue('value-invalid', path, `${path === '' ? 'The document' : path} must be ${typeWords[String(params['type'])] ?? String(params['type'])}.`)
    case 'enum': return issue('value-invalid', path, `${path} is ${shown(error.data)}, expected one of ${String(params['allowedValues'])}.`)
    case 'const': return issue('value-invalid', path, `${path} is ${shown(error.data)}, expected ${shown(params['allowedValue'])}.`)
    case 'format': return issue('value-invalid', path, `${path} is ${shown(error.data)}, which is no day of the calendar.`)
    case 'pattern': return issue('value-invalid', path, `${path} is ${shown(error.data)}, which is not ${expected(error.parentSchema)}.`)
    default: return issue('value-invalid', path, `${path} is ${shown(error.data)}, which the schema does not take (${keyword}).`)
  }
}

const tooManyItems = (path: string, most: unknown): Issue => ({ code: 'limit-exceeded', at: path, detail: `${path} has more than ${String(most)} items.` })

const isAllowance = ({ schemaPath }: ErrorObject): boolean => schemaPath.includes('/then/')

const typeWords: Readonly<Record<string, string>> = { object: 'an object', array: 'a list', string: 'text', integer: 'a whole number' }

const shown = (value: unknown): string => (JSON.stringify(value) as string | undefined ?? 'nothing').slice(0, 60)

const expected = (schema: Readonly<Record<string, unknown>> | undefined): string => {
  const { title, description } = schema ?? {}
  if (title === 'date') return 'a date like 2026-03-31'
  if (title === 'decimal') return 'a decimal number in canonical spelling, like 1234.5'
  return typeof description === 'string' ? `of the form that is expected: ${description}` : `of the form ${String(schema?.['pattern'])}`
}
