import { Type } from '@sinclair/typebox'
import { canonicalSchemas, documentKinds, kindNamed } from '../../schemas/canonical/canonical-document.js'
import { fail, ok } from '../../schemas/result.js'
import type { Operation } from './operation.js'
import { schemaAnswer, schemaListAnswer } from './operator-answers.js'

/** The canonical model, for whoever maps to it. Public: it holds no data. */
export const schemaOperations: readonly Operation[] = [
  {
    id: 'listSchemas', method: 'GET', path: '/schemas', tag: 'schemas', audience: 'anyone',
    summary: 'The kinds of canonical documents',
    answer: schemaListAnswer,
    handle: () => Promise.resolve(ok({ items: documentKinds.map((kind) => ({ kind, href: `/schemas/${kind}` })) })),
  },
  {
    id: 'getSchema', method: 'GET', path: '/schemas/:kind', tag: 'schemas', audience: 'anyone', params: Type.Object({ kind: Type.String({ maxLength: 40, description: 'In any spelling: `order-response`, `orderResponse`.', examples: ['order'] }) }),
    summary: 'The JSON Schema of one kind of canonical document',
    answer: schemaAnswer,
    handle: ({ params }) => {
      const kind = kindNamed(params['kind'] ?? '')
      return Promise.resolve(kind === undefined
        ? fail('not-found', 'kind', `There is no kind '${params['kind'] ?? ''}'; there are ${documentKinds.join(', ')}.`)
        : ok({ contentType: 'application/schema+json; charset=utf-8', raw: JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...canonicalSchemas[kind] }) }))
    },
  },
]
