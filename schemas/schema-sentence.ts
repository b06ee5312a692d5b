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
    case 'pattern': return `The value does not have the form ${String(params['pattern'])}.`
    default: return `The value ${message ?? 'is not valid'}.`
  }
}

const listed = (values: unknown): string => (Array.isArray(values) ? values.map(String).join(', ') : String(values))
