import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import { isTradeDocument } from '../../schemas/canonical/canonical-document.js'
import type { DocumentId, JournalNumber, MessageId, PartyId, ThreadId } from '../../schemas/ids.js'
import { isUuid } from '../../schemas/ids.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { IndexedDocument, ThreadName, ThreadQueries } from '../crm/thread-queries.js'
import { gatherThread, type GatheredDocument } from './gather-thread.js'
import { isOfLedger, ledgerLines } from './ledger-document.js'
import { countedDocuments, ledgerReferences } from './counted-documents.js'
import { missingDocuments, type MissingDocument } from './missing-documents.js'
import { threadLedger, type ThreadLedger } from './thread-ledger.js'
import { allNames, type Names } from './thread-names.js'
import { rootsOf } from './thread-roots.js'
import type { Viewer } from './viewer.js'

export interface StoredDocument {
  readonly id: DocumentId
  readonly document: CanonicalDocument
}

export interface ThreadViewDeps {
  /** Reads in one snapshot of the CRM database. */
  readonly readThread: <T>(read: (queries: ThreadQueries) => Promise<T>) => Promise<T>
  readonly documentsByIds: (ids: readonly DocumentId[]) => Promise<readonly StoredDocument[]>
}

export interface ThreadDocument {
  readonly id: DocumentId
  readonly messageId: MessageId
  readonly kind: IndexedDocument['kind']
  readonly number: string
  readonly system: string
  readonly function: IndexedDocument['function']
  readonly revision: number
  readonly current: boolean
  readonly test: boolean
  /** Whether it has a part in the figures. */
  readonly counted: boolean
  readonly issuedOn: string
  readonly issuer: { readonly partyId?: PartyId, readonly name?: string }
}

export interface ThreadView extends ThreadLedger {
  readonly threadId: ThreadId
  /** The id that was asked for, where the thread has joined another. */
  readonly redirectedFrom?: ThreadId
  /** The threads that the document of this id belongs to, where they are several. */
  readonly belongsTo?: readonly ThreadId[]
  /** What the thread hangs on: an order, or the document that stands for it. */
  readonly anchor: Pick<ThreadName, 'kind' | 'number'>
  readonly documents: readonly ThreadDocument[]
  readonly missing: readonly MissingDocument[]
  readonly journalSeq: JournalNumber
}

interface ReadThread {
  readonly threadId: ThreadId
  readonly belongsTo: readonly ThreadId[]
  readonly root: Names
  readonly gathered: readonly GatheredDocument[]
  readonly journalSeq: JournalNumber
}

const readThread = async (queries: ThreadQueries, asked: ThreadId): Promise<ReadThread | undefined> => {
  const anchor = await queries.anchor(asked)
  if (anchor === undefined) return undefined
  const name: ThreadName = { issuer: anchor.issuer, kind: anchor.kind, number: anchor.number }
  const oldestId = async (names: Names): Promise<ThreadId> => (await queries.anchorsNamed([...names.values()]))[0]?.threadId ?? asked
  const roots = await rootsOf(queries, name)
  const [only] = roots
  const root = only !== undefined && roots.length === 1 ? only : await allNames(queries, name)
  const gathered = await gatherThread(queries, root)
  const belongsTo: ThreadId[] = []
  for (const each of roots.length > 1 ? roots : []) belongsTo.push(await oldestId(each))
  return { threadId: await oldestId(root), belongsTo, root, gathered, journalSeq: queries.journalSeq }
}

const listedDocument = ({ document }: GatheredDocument, counted: boolean): ThreadDocument => ({
  id: document.id, messageId: document.messageId, kind: document.kind, number: document.number, system: document.system, function: document.function,
  revision: document.revision, current: document.current, test: document.test, counted, issuedOn: document.issuedOn,
  issuer: { ...(document.issuerParty === null ? {} : { partyId: document.issuerParty }), ...(document.issuerName === null ? {} : { name: document.issuerName }) },
})

const placeOf = ({ issuedOn, kind, number, system, revision }: ThreadDocument): string => [issuedOn, kind, number, system, String(revision).padStart(9, '0')].join('\n')

const anchorOf = (root: Names, gathered: readonly GatheredDocument[]): Pick<ThreadName, 'kind' | 'number'> => {
  const names = [...root.values()].map(({ kind, number }) => ({ kind, number })).sort((a, b) => (a.number < b.number ? -1 : 1))
  const here = names.find((name) => gathered.some(({ document }) => document.kind === name.kind && document.number === name.number))
  return here ?? names[0] ?? { kind: 'other', number: '' }
}

/**
 * The thread of an id, as of one journal number: its documents, what became of each order line, amounts, and what is missing. Threads are
 * computed from references and today's golden parties. Fails with `not-found` for an id that no document ever belonged to.
 */
export const makeThreadView = (deps: ThreadViewDeps) => async ({ threadId }: { readonly threadId: string, readonly viewer: Viewer }): Promise<Result<ThreadView>> => {
  const notFound = fail('not-found', 'threadId', `No document belongs to a thread '${threadId.slice(0, 60)}'.`)
  if (!isUuid(threadId)) return notFound
  const asked = threadId as ThreadId
  const read = await deps.readThread((queries) => readThread(queries, asked))
  if (read === undefined) return notFound
  const counted = countedDocuments(read.gathered)
  const stored = new Map((await deps.documentsByIds(counted.map(({ document }) => document.id))).map(({ id, document }) => [id, document]))
  const ledger = threadLedger(counted.flatMap((each) => {
    const document = stored.get(each.document.id)
    return document === undefined || !isTradeDocument(document) || !isOfLedger(document) ? [] : [{
      id: each.document.id, system: each.document.system, document, lines: ledgerLines(document), references: ledgerReferences(each, read.root, counted), shared: each.shared,
    }]
  }))
  const documents = read.gathered.map((each) => listedDocument(each, counted.includes(each))).sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  return ok({
    threadId: read.threadId,
    ...(read.threadId === asked ? {} : { redirectedFrom: asked }),
    ...(read.belongsTo.length === 0 ? {} : { belongsTo: read.belongsTo }),
    anchor: anchorOf(read.root, read.gathered),
    documents, ...ledger, missing: missingDocuments(read.root, read.gathered), journalSeq: read.journalSeq,
  })
}
