import { uuidPattern } from './ids.js'

/** What of an ajv error is told to people. */
interface SchemaError {
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

/** An ajv error as a sentence that says what is wrong and what is allowed; `what` names the thing that has members: a setting, a parameter. */
export const sentenceOf = ({ keyword, params, message }: SchemaError, what: string): string => {
  switch (keyword) {
    case 'additionalProperties': return `There is no ${what} '${String(params['additionalProperty'])}'.`
    case 'required': return `The ${what} '${String(params['missingProperty'])}' is missing.`
    case 'enum': return `The value is not one of ${listed(params['allowedValues'])}.`
    case 'type': return `The value is not of the type ${String(params['type'])}.`
    case 'pattern': return `The value ${formOf(String(params['pattern']))}.`
    default: return `The value ${(message ?? 'is not valid').replace(/^must NOT have/, 'has')}.`
  }
}

/** A pattern is for programs; people are told what it means where that is known. */
const formOf = (pattern: string): string => {
  if (pattern === uuidPattern) return 'is no id; an id looks like 7402fa05-960f-88e6-8b0e-408f1f6869eb'
  const digits = /^\^\[0-9\]\{1,(\d+)\}\$$/.exec(pattern)?.[1]
  return digits === undefined ? `does not have the form ${pattern}` : `is not a whole number of at most ${digits} digits`
}

const listed = (values: unknown): string => (Array.isArray(values) ? values.map(String).join(', ') : String(values))

/** Where in the checked value an ajv error is, as `filters[0].in[2]`; a member that is missing or surplus is a place too, and `body` is all of it. */
export const placeOf = ({ instancePath, params }: { readonly instancePath: string, readonly params: Readonly<Record<string, unknown>> }): string => {
  const member: unknown = params['missingProperty'] ?? params['additionalProperty']
  const steps = [...instancePath.split('/').slice(1), ...typeof member === 'string' ? [member] : []]
  return steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('').replace(/^\./, '') || 'body'
}
