import { parentPort } from 'node:worker_threads'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { CageRequest, FromWorker, ToWorker } from './cage-protocol.js'
import { loadDocuments, type FetchDocument, type FetchedDocument } from './load-documents.js'
import { makePartnerService, type PartnerService } from './partner-service.js'

/** Runs in a worker thread for one partner's description: it has no network and reads no file; what it wants it asks for. */
const serve = (port: NonNullable<typeof parentPort>): void => {
  const waiting = new Map<number, (result: Result<FetchedDocument>) => void>()
  let service: PartnerService | undefined
  let last = 0
  const send = (message: FromWorker): void => { port.postMessage(message) }
  const fetchDocument: FetchDocument = (address) => new Promise((resolve) => {
    const id = ++last
    waiting.set(id, resolve)
    send({ type: 'fetch', id, address })
  })
  const answer = async (request: CageRequest): Promise<Result<unknown>> => {
    if (request.kind === 'load') {
      const loaded = await load(request.address, fetchDocument)
      if (!loaded.ok) return loaded
      service = loaded.value.service
      return ok(loaded.value.size)
    }
    if (service === undefined) return fail('internal', 'description', 'No description is loaded.')
    switch (request.kind) {
      case 'list': return ok(service.list())
      case 'template': return service.template(request.choice)
      case 'compose': return service.compose(request)
      case 'read': return service.read(request)
      case 'more': return service.more(request.tree)
      default: return request satisfies never
    }
  }
  port.on('message', (message: ToWorker) => {
    if (message.type === 'fetched') {
      waiting.get(message.id)?.(message.result)
      waiting.delete(message.id)
      return
    }
    void answer(message.request).then((result) => { send({ type: 'answer', id: message.id, result }) })
  })
}

const load = async (address: string, fetchDocument: FetchDocument) => {
  const documents = await loadDocuments(address, fetchDocument)
  if (!documents.ok) return documents
  // Loaded only now: most of what is wrong with a description shows before node-soap has to see it.
  const { makeEnvelopeWriter } = await import('./envelope-writer.js')
  const writer = await makeEnvelopeWriter(documents.value)
  if (!writer.ok) return writer
  const service = makePartnerService(documents.value, writer.value)
  if (!service.ok) return service
  return ok({ service: service.value, size: { documents: documents.value.length, bytes: documents.value.reduce((sum, { text }) => sum + text.length, 0) } })
}

if (parentPort !== null) serve(parentPort)
