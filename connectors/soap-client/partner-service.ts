import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import type { CageRequest, ComposedRequest, ListedOperation, OperationChoice, ReadAnswer, TreeBatch } from './cage-protocol.js'
import { composeBody, composeHeaders } from './compose-body.js'
import { makeContentModels } from './content-model.js'
import type { EnvelopeWriter } from './envelope-writer.js'
import type { DefinitionDocument } from './load-documents.js'
import { readAnswer } from './read-answer.js'
import { collectSchemas } from './schema-set.js'
import { modelServices, type OperationModel } from './service-model.js'
import { writeTemplate } from './template.js'
import { flattenTree, type FlatNode } from './tree-batches.js'

type Of<Kind extends CageRequest['kind']> = Extract<CageRequest, { readonly kind: Kind }>

/** Everything that is asked about one description, inside the worker. */
export interface PartnerService {
  readonly list: () => readonly ListedOperation[]
  readonly template: (choice: OperationChoice) => Result<string>
  readonly compose: (request: Of<'compose'>) => Result<ComposedRequest>
  readonly read: (request: Of<'read'>) => Result<ReadAnswer>
  readonly more: (tree: number) => Result<TreeBatch>
}

/** Fails with wsdl-invalid where the description has no SOAP port with an operation. */
export const makePartnerService = (documents: readonly DefinitionDocument[], writer: EnvelopeWriter): Result<PartnerService> => {
  const operations = modelServices(documents)
  if (operations.length === 0) return fail('wsdl-invalid', documents[0]?.address ?? '', 'The description has no SOAP port with an operation.')
  const models = makeContentModels(collectSchemas(documents))
  const trees = makeTrees()
  return ok({
    list: () => operations.map(listed),
    template: (choice) => {
      const operation = chooseOperation(operations, choice)
      return operation.ok ? ok(writeTemplate(models, operation.value.input)) : operation
    },
    compose: ({ choice, payload, soapHeaders, usernameToken }) => {
      const operation = chooseCallable(operations, choice)
      if (!operation.ok) return operation
      const body = composeBody(models, operation.value.input, payload)
      if (!body.ok) return body
      const headers = soapHeaders === undefined ? ok([]) : composeHeaders(models, soapHeaders)
      if (!headers.ok) return { ...headers, at: `soapHeaders ${headers.at}` }
      const envelope = writer.write(operation.value, body.value, headers.value, usernameToken)
      if (!envelope.ok) return envelope
      const { endpoint, soapAction, version, output } = operation.value
      return ok({ envelope: envelope.value, endpoint, soapAction, version, oneWay: output === undefined })
    },
    read: ({ choice, bytes, contentType }) => {
      const operation = chooseCallable(operations, choice)
      if (!operation.ok) return operation
      const content = readAnswer(operation.value, bytes, contentType)
      if (!content.ok) return content
      return ok(content.value.kind === 'element' ? trees.begin(flattenTree(content.value.node)) : content.value)
    },
    more: trees.more,
  })
}

const listed = ({ service, port, name, version, soapAction, endpoint, output, documentation, obstacle }: OperationModel): ListedOperation =>
  ({ service, port, name, version, soapAction, endpoint, oneWay: output === undefined, documentation, obstacle })

const mostShown = 20

/** The first that fits, one that can be called before one that can't; the description's order says which the partner prefers. */
const chooseOperation = (operations: readonly OperationModel[], { operation, service, port, version }: OperationChoice): Result<OperationModel> => {
  const fitting = operations.filter((one) => (service === undefined || one.service === service) && (port === undefined || one.port === port) && (version === undefined || one.version === version))
  if (fitting.length === 0) return fail('request-invalid', 'port', `No port fits; there are ${[...new Set(operations.map((one) => `${one.service}/${one.port} (SOAP ${one.version})`))].slice(0, mostShown).join(', ')}.`)
  const named = fitting.filter(({ name }) => name === operation)
  const chosen = named.find(({ obstacle }) => obstacle === undefined) ?? named[0]
  if (chosen !== undefined) return ok(chosen)
  const names = [...new Set(fitting.map(({ name }) => name))]
  return fail('request-invalid', 'operation', `There is no operation ${JSON.stringify(operation)}; there ${names.length > mostShown ? `are ${names.length}, among them` : 'are'} ${names.slice(0, mostShown).join(', ')}.`)
}

const chooseCallable = (operations: readonly OperationModel[], choice: OperationChoice): Result<OperationModel> => {
  const chosen = chooseOperation(operations, choice)
  if (!chosen.ok || chosen.value.obstacle === undefined) return chosen
  return fail('wsdl-unsupported', chosen.value.name, chosen.value.obstacle)
}

/** Answers that are being handed over. */
const makeTrees = () => {
  const open = new Map<number, Iterator<readonly FlatNode[], undefined>>()
  let last = 0
  const next = (tree: number): TreeBatch | undefined => {
    const batch = open.get(tree)?.next()
    if (batch === undefined) return undefined
    if (batch.done === true) open.delete(tree)
    return { nodes: batch.value ?? [], last: batch.done === true }
  }
  return {
    begin: (batches: Iterator<readonly FlatNode[], undefined>): ReadAnswer => {
      const tree = ++last
      open.set(tree, batches)
      return { kind: 'tree', tree, batch: next(tree) ?? { nodes: [], last: true } }
    },
    more: (tree: number): Result<TreeBatch> => {
      const batch = next(tree)
      return batch === undefined ? noTree : ok(batch)
    },
  }
}

const noTree: Failure = fail('internal', 'answer', 'The rest of an answer was asked for that is not being handed over.')
