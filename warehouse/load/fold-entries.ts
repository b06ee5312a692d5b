import { isTradeDocument } from '../../schemas/canonical/canonical-document.js'
import type { TradeDocument } from '../../schemas/canonical/trade-document.js'
import type { JournalNumber, SourceKey } from '../../schemas/ids.js'
import { foundingPlace, type DocumentAccepted, type FactEntry } from '../../schemas/journal-entry.js'
import { issuerKeyOf } from '../../schemas/source-key.js'
import { partyMember } from '../model/dimensions/party.js'
import type { Member } from '../model/dimension.js'
import type { Model } from '../model/model.js'
import type { NumberedDecision } from './fold-links.js'
import { readFacts, type DocumentFacts } from './read-facts.js'

/** A document of a kind that a cube tells of. `head` is the latest revision that leaves it in place. */
export interface LoadedDocument {
  readonly entry: DocumentAccepted
  readonly head: string
  /** The entry of the first revision in its chain, or the head of the document in the database that it continues. */
  readonly first: JournalNumber | { readonly ofHead: string }
  readonly issuer: SourceKey | undefined
  /** Whether it takes part in the figures: no test, no copy, no cancellation. The others are kept for who comes after them. */
  readonly counts: boolean
  readonly facts: DocumentFacts
}

/** What a run of entries changes, whatever was there before. */
export interface Batch {
  /** The members that were named, by dimension; the latest attribute that has a value wins. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, Member>>
  readonly documents: readonly LoadedDocument[]
  /** Documents that a later entry replaces. They are written and removed: whether one is refused must not hang on what came with it. */
  readonly replaced: readonly LoadedDocument[]
  /** Heads whose documents no longer count. */
  readonly removed: readonly string[]
  /** Heads of documents that stay, each with the revision that now stands at its head. */
  readonly moved: ReadonlyMap<string, string>
  readonly decisions: readonly NumberedDecision[]
}

interface Fold {
  readonly members: Map<string, Map<string, Member>>
  readonly documents: Map<string, LoadedDocument>
  readonly replaced: LoadedDocument[]
  readonly removed: string[]
  readonly moved: Map<string, string>
  readonly decisions: NumberedDecision[]
}

/** Folds entries, in journal order, into one batch. Where the journal is cut into batches makes no difference to what is written in the end. */
export const foldEntries = (model: Model, entries: readonly FactEntry[]): Batch => {
  const fold: Fold = { members: new Map(), documents: new Map(), replaced: [], removed: [], moved: new Map(), decisions: [] }
  for (const entry of entries) {
    switch (entry.type) {
      case 'document.accepted':
        try {
          addDocument(model, fold, entry)
        } catch (error) {
          throw untold(error)
        }
        break
      case 'identity.decided':
        for (const [index, decision] of entry.decisions.entries()) {
          for (const key of decision.action === 'link' ? [decision.source, decision.with] : [decision.source]) addMember(fold, 'party', partyMember(key))
          fold.decisions.push({ place: foundingPlace(entry.number, index), decision })
        }
        break
      default: entry satisfies never
    }
  }
  return { ...fold, documents: [...fold.documents.values()] }
}

/** What a cube or a dimension throws for a document is a fault of theirs, and always the same for it. */
export const untold = (error: unknown): Error => Object.assign(new Error(`A cube or a dimension fails for it: ${error instanceof Error ? error.message : String(error)}`, { cause: error }), { isUntold: true })

/** `cube-error` for what was thrown because a cube or a dimension fails for a document; undefined for any other error. */
export const untoldCauseOf = (error: unknown): string | undefined => (error instanceof Error && 'isUntold' in error ? 'cube-error' : undefined)

const addDocument = (model: Model, fold: Fold, entry: DocumentAccepted): void => {
  const { document, system, replaces } = entry
  // A test reaches no figure, and takes none away: like a copy it leaves the document before it in place.
  const standsAside = entry.test || (isTradeDocument(document) && document.function === 'copy')
  if (!entry.test) for (const { name, members } of model.dimensions) for (const member of members.observe(system, document)) addMember(fold, name, member)
  if (replaces !== undefined && standsAside) {
    moveHead(fold, replaces, entry.documentId)
    return
  }
  const first = replaces === undefined ? entry.number : firstOf(fold, replaces)
  if (replaces !== undefined) removeHead(fold, replaces)
  if (isTradeDocument(document) && model.cubes.some(({ kinds }) => kinds.includes(document.kind))) addFacts(model, fold, entry, document, first)
}

const addFacts = (model: Model, fold: Fold, entry: DocumentAccepted, document: TradeDocument, first: LoadedDocument['first']): void => {
  const facts = entry.test ? noFacts : readFacts(model, entry.system, document)
  for (const { dimension, member } of facts.members) addMember(fold, dimension, member)
  const counts = !entry.test && document.function !== 'copy' && document.function !== 'cancel'
  fold.documents.set(entry.documentId, { entry, head: entry.documentId, first, issuer: entry.test ? undefined : issuerKeyOf(entry.system, document), counts, facts })
}

const noFacts: DocumentFacts = { rows: [], members: [], leftOut: [] }

const firstOf = (fold: Fold, head: string): LoadedDocument['first'] => fold.documents.get(head)?.first ?? { ofHead: headBefore(fold, head) }

const moveHead = (fold: Fold, from: string, to: string): void => {
  const document = fold.documents.get(from)
  if (document !== undefined) {
    fold.documents.delete(from)
    fold.documents.set(to, { ...document, head: to })
    return
  }
  fold.moved.set(headBefore(fold, from), to)
}

const removeHead = (fold: Fold, head: string): void => {
  const document = fold.documents.get(head)
  if (document !== undefined) {
    fold.documents.delete(head)
    fold.replaced.push(document)
    return
  }
  const before = headBefore(fold, head)
  fold.moved.delete(before)
  fold.removed.push(before)
}

/** The head as the database still has it. */
const headBefore = (fold: Fold, head: string): string => {
  for (const [before, now] of fold.moved) if (now === head) return before
  return head
}

const addMember = (fold: Fold, dimension: string, member: Member): void => {
  const known = fold.members.get(dimension) ?? new Map<string, Member>()
  fold.members.set(dimension, known)
  const before = known.get(member.key)
  if (before !== undefined && tellsNothingNew(before, member)) return
  const told = Object.entries(member.attributes).filter(([, value]) => value !== undefined)
  known.set(member.key, { key: member.key, attributes: { ...before?.attributes, ...Object.fromEntries(told) } })
}

/** A document names the same few members over and over. */
const tellsNothingNew = (before: Member, { attributes }: Member): boolean => {
  for (const name in attributes) if (attributes[name] !== undefined && attributes[name] !== before.attributes[name]) return false
  return true
}
