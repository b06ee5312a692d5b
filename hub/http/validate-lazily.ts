import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import { lazily } from '../../schemas/lazily.js'

/** Compiles the schema of a parameter or a body when the first request comes that has one: most are never asked for, and a start is not to wait for any. */
export const makeLazyValidators = (): FastifySchemaCompiler<object> => {
  const ajv = lazily(() => new Ajv({ strict: false }))
  return ({ schema }) => {
    const validate = lazily(() => ajv().compile(schema))
    return (given: unknown) => (validate()(given) ? true : { error: validate().errors ?? [] })
  }
}
