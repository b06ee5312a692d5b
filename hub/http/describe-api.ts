import type { HttpRoute, RouteAnswer } from '../../connectors/contract.js'
import { problemOf } from '../../schemas/problem.js'
import { fail } from '../../schemas/result.js'
import { problemShape } from './answer-shapes.js'
import type { AnswerDescription, Operation } from './operation.js'

export interface Described {
  readonly version: string
  readonly operations: readonly Operation[]
  readonly connectorRoutes: readonly HttpRoute[]
}

export interface ApiDescription {
  readonly openapi: string
  readonly info: { readonly title: string, readonly version: string, readonly description: string }
  readonly servers: { readonly url: string }[]
  readonly tags: { readonly name: string, readonly description: string }[]
  readonly paths: Readonly<Record<string, object>>
  readonly components: object
}

/** Everything that is served, as OpenAPI 3.1. Schemas with an `$id` stand once, among the components. */
export const describeApi = ({ version, operations, connectorRoutes }: Described): ApiDescription => {
  const schemas = new Map<string, object>()
  const refer: Refer = (schema) => hoisted(schemas, schema)
  const paths = new Map<string, Readonly<Record<string, object>>>()
  const add = (path: string, method: string, operation: object): void => {
    const written = path.replaceAll(/:(\w+)/g, '{$1}')
    paths.set(written, { ...paths.get(written), [method.toLowerCase()]: operation })
  }
  for (const { method, path, description } of connectorRoutes) add(path, method, routeOperation(description, refer))
  for (const operation of operations) if (operation.audience !== 'process') add(operation.path, operation.method, restOperation(operation, refer))
  return {
    openapi: '3.1.0',
    info: { title: 'Chainhub', version, description: introduction },
    servers: [{ url: '/' }],
    tags,
    paths: Object.fromEntries(paths),
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } }, schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))) },
  }
}

/** Gives a schema as it stands in the description: what bears an `$id` is referred to. */
type Refer = (schema: object) => unknown

const introduction = `Messages in, golden parties, shared views and cubes out.

Every example runs as it stands on a hub that was started with \`--demo\`; what only that hub knows, such as the id of a message, comes by a link from the operation that tells it.
Errors are application/problem+json with a code of the error registry. Answers may gain members; ignore those that you do not know.`

const tags = [
  { name: 'messages', description: 'Documents in, and the browser of what came' },
  { name: 'parties', description: 'Golden parties and the records behind them' },
  { name: 'views', description: 'Order threads and customers, current to the journal number that they name' },
  { name: 'reports', description: 'Cubes' },
  { name: 'deliveries', description: 'What goes out: subscriptions, deliveries, endpoints' },
  { name: 'schemas', description: 'The canonical documents, and the schemas of others that documents are held against' },
  { name: 'operations', description: 'Keys, health, rebuilds' },
]

const restOperation = (operation: Operation, refer: Refer): object => {
  const { description, contentType = 'application/json', schema, example, links } = operation.answer()
  const body = operation.bodyDescription?.()
  return {
    ...head(operation.id, operation.summary, operation.tag),
    ...(operation.audience === 'anyone' ? {} : { security: [keyed] }),
    ...parametersOf({ path: operation.params, query: operation.query }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: refer(body.schema), examples: valuesByName(body.examples) } } } }),
    responses: {
      200: { description, content: { [contentType]: { schema: refer(schema), example } }, ...(links === undefined ? {} : { links: linksOf(operation.id, links) }) },
      default: problem(refer),
    },
  }
}

const routeOperation = ({ operationId, summary, tag, secured, openBytes, params, query, headers, bodies, answers }: HttpRoute['description'], refer: Refer): object => ({
  ...head(operationId, summary, tag),
  ...(secured ? { security: openBytes === undefined ? [keyed] : [keyed, {}] } : {}),
  ...parametersOf({ path: params, query, header: headers }),
  ...(bodies === undefined ? {} : { requestBody: { required: true, content: Object.fromEntries(Object.entries(bodies).map(([type, text]) => [type, bodyOf(type, text)])) } }),
  responses: { ...Object.fromEntries(Object.entries(answers()).map(([status, answer]) => [status, answerOf(answer, refer)])), default: problem(refer) },
})

const head = (operationId: string, summary: string, tag: string) => ({ operationId, summary, tags: [tag] })

const keyed = { key: [] }

const answerOf = ({ description, content }: RouteAnswer, refer: Refer): object =>
  ({ description, content: Object.fromEntries(Object.entries(content).map(([type, { schema, example }]) => [type, { schema: refer(schema), example }])) })

const problem = (refer: Refer): object => answerOf({
  description: 'Any other outcome.',
  content: { 'application/problem+json': { schema: problemShape(), example: problemOf(fail('credentials-missing', 'Authorization', 'Send the header `Authorization: Bearer KEY`.'), 'req-1') } },
}, refer)

const bodyOf = (type: string, text: string): object =>
  type === 'application/json' ? { schema: { type: ['object', 'array'] }, example: JSON.parse(text) as unknown } : { schema: { type: 'string', contentMediaType: 'application/xml' }, example: text }

const valuesByName = (examples: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]))

/** A link's name is the operation that it leads to; the next page of the same list is `nextPage`. */
const linksOf = (operationId: string, links: NonNullable<AnswerDescription['links']>) =>
  Object.fromEntries(links.map(({ to, parameter, from }) => [to === operationId ? 'nextPage' : to, { operationId: to, parameters: { [parameter]: `$response.body#${from}` } }]))

const parametersOf = (places: Readonly<Record<string, object | undefined>>) => {
  const parameters = Object.entries(places).flatMap(([place, schema]) => (schema === undefined ? [] : parametersIn(place, schema)))
  return parameters.length === 0 ? {} : { parameters }
}

const parametersIn = (place: string, schema: object): readonly object[] => {
  const { properties, required } = schema as { readonly properties: Readonly<Record<string, ParameterSchema>>, readonly required?: readonly string[] }
  return Object.entries(properties).map(([name, { description, examples = [], ...rest }]) => ({
    name, in: place, required: required?.includes(name) === true,
    ...(description === undefined ? {} : { description }),
    schema: rest,
    ...(examples.length > 1 ? { examples: Object.fromEntries(examples.map((value) => [value, { value }])) } : examples.length === 1 ? { example: examples[0] } : {}),
  }))
}

interface ParameterSchema {
  readonly description?: string
  readonly examples?: readonly string[]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** The value with a reference in place of each schema that bears an `$id`. Throws where two of one name differ. */
const hoisted = (schemas: Map<string, object>, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => hoisted(schemas, item))
  if (!isObject(value)) return value
  const { $id, ...rest } = value
  const members = Object.fromEntries(Object.entries(typeof $id === 'string' ? rest : value).map(([name, member]) => [name, hoisted(schemas, member)]))
  if (typeof $id !== 'string') return members
  const known = schemas.get($id)
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(members)) throw new Error(`Two schemas are named ${$id}.`)
  schemas.set($id, members)
  return { $ref: `#/components/schemas/${$id}` }
}
