import { hash } from 'node:crypto'
import type { CanonicalDocument } from '../../../schemas/canonical/canonical-document.js'
import type { DocumentId, MessageId } from '../../../schemas/ids.js'
import type { AnsweredPart, Issue, Outcome } from '../../../schemas/message-answer.js'
import type { Database, Tx } from '../../ops/database.js'
import type { CommitDocument, CommitPart } from '../commit-item.js'
import { answerParts, outcomeOfParts } from '../compose-answer.js'
import { fateOf, placementOf, type Fate, type Standing } from '../foresee-commit.js'
import type { Placement } from '../place-documents.js'
import type { Slice } from './commit-slice.js'

/** What would become of a part of a giant: `newlyRefused` was taken before, and what was accepted of it stays; `added` was not there before, `gone` would be there no more. */
export type PartFate = 'unchanged' | 'changed' | 'noLongerRefused' | 'newlyRefused' | 'stillRefused' | 'stale' | 'added' | 'gone'

export interface ForeseenDocument {
  readonly part: number
  readonly kind: string
  readonly number: string
  readonly fate: Fate
  /** The current revision; null where there is none. */
  readonly revision: number | null
  /** The current revision and what would take its place, of one that would change and where bodies were asked for. */
  readonly before?: CanonicalDocument
  readonly after?: CanonicalDocument
}

export interface ForeseenPart {
  readonly part: CommitPart
  readonly fate: PartFate
  /** The version that would be noted with it. */
  readonly mappingVersion: string | null
  readonly documents: readonly ForeseenDocument[]
  readonly errors: { readonly before: readonly Issue[], readonly after: readonly Issue[] }
}

/** What is told once all slices were looked at. */
interface ForeseenEnd {
  /** As the whole would come to. */
  readonly outcome: Outcome
  /** Parts behind the last one, which would be there no more. */
  readonly partsGone: number
  readonly documentsGone: number
  /** The first of them. */
  readonly gone: readonly ForeseenDocument[]
}

export interface Foresight {
  /** What each part of the slice would come to, those before it once they were given; with the bodies of documents that would change where they are asked for. Writes nothing. */
  readonly slice: (slice: Slice, withBodies: boolean) => Promise<readonly ForeseenPart[]>
  readonly end: () => Promise<ForeseenEnd>
}

interface StandingRow extends Standing {
  readonly sender: string
  readonly kind: string
  readonly number: string
  readonly part: number | null
  readonly body: CanonicalDocument | null
}

interface StoredPart {
  readonly ordinal: number
  readonly outcome: Outcome
  readonly mappingVersion: string | null
  readonly answer: AnsweredPart | null
}

type Named = Pick<StandingRow, 'sender' | 'kind' | 'number'>

const nameOf = ({ sender, kind, number }: Named): string => JSON.stringify([sender, kind, number])

/** Of a giant with a million documents no names are held: 48 bits of a hash stand for each, and for each content. */
const nameHash = (of: Named): number => hash('sha256', nameOf(of), 'buffer').readUIntBE(0, 6)
const contentHash = ({ contentSha256 }: CommitDocument): number => Number.parseInt(contentSha256.slice(0, 12), 16)

/** That a document was brought, and its head left as it stands. */
const untouched = -1
/** Of documents that are gone, how many are named. */
const mostGone = 100
/** Parts behind the last one whose documents are looked at together. */
const page = 1000

/** Judges a giant that is run again as commitSlice would, slice by slice in their order. What it remembers of a document are two numbers. */
export const makeForesight = (database: Database, messageId: MessageId): Foresight => {
  /** By the hash of its name, each document that came so far, with the hash of what it would stand as by then. */
  const brought = new Map<number, number>()
  const missing: number[] = []
  const named: { readonly hash: number, readonly document: ForeseenDocument }[] = []
  const outcomes = new Set<Outcome>()
  let last = 0

  const fateNow = (document: CommitDocument, standing: Standing | undefined): Exclude<Fate, 'gone'> => {
    const [name, content] = [nameHash(document), contentHash(document)]
    const known = brought.get(name)
    const isRaised = known !== undefined && known !== untouched
    const fate = isRaised ? (known === content ? 'unchanged' : 'changed') : fateOf(document, standing, undefined)
    brought.set(name, fate === 'changed' || fate === 'added' ? content : known ?? untouched)
    return fate
  }
  const noteMissing = (row: Named & { readonly part: number | null, readonly headRevision: number | null }): void => {
    const name = nameHash(row)
    missing.push(name)
    // Some of them may come with a later part yet.
    if (named.length < mostGone * 10) named.push({ hash: name, document: { part: row.part ?? 1, kind: row.kind, number: row.number, fate: 'gone', revision: row.headRevision } })
  }
  const documentsBehind = async (): Promise<void> => {
    const [own] = await database.query<{ last: number | null }>('select max(part) as last from document where message_id = $1', [messageId])
    for (let from = last + 1; from <= (own?.last ?? 0); from += page) {
      for (const row of await documentsBetween(database, messageId, { from, to: from + page - 1 })) if (!brought.has(nameHash(row))) noteMissing(row)
    }
  }
  return {
    slice: async (slice, withBodies) => {
      const parts = slice.pieces.flat()
      const range = { from: parts[0]?.ordinal ?? 1, to: parts.at(-1)?.ordinal ?? 0 }
      const [rows, storedParts] = await Promise.all([standingsOf(database, messageId, { ...range, documents: parts.flatMap(({ documents }) => documents), withBodies }), partsBetween(database, messageId, range)])
      const [standings, stored] = [new Map(rows.map((row) => [nameOf(row), row])), new Map(storedParts.map((part) => [part.ordinal, part]))]
      const foreseen = parts.map((part) => {
        const judged = part.documents.map((document) => {
          const standing = standings.get(nameOf(document))
          return { document, standing, fate: fateNow(document, standing) }
        })
        const ownGone = rows.some((row) => row.part === part.ordinal && !part.documents.some((document) => nameOf(document) === nameOf(row)))
        const one = foreseePart(part, judged, stored.get(part.ordinal), ownGone)
        outcomes.add(one.outcome)
        return one
      })
      for (const row of rows) if (row.part !== null && !brought.has(nameHash(row))) noteMissing(row)
      last = Math.max(last, range.to)
      return foreseen
    },
    end: async () => {
      await documentsBehind()
      const [behind] = await database.query<{ parts: number }>('select count(*)::int as parts from part where message_id = $1 and ordinal > $2', [messageId, last])
      return {
        outcome: outcomeOfParts([...outcomes]), partsGone: behind?.parts ?? 0, documentsGone: new Set(missing.filter((name) => !brought.has(name))).size,
        gone: named.filter((each) => !brought.has(each.hash)).slice(0, mostGone).map(({ document }) => document),
      }
    },
  }
}

interface Judged {
  readonly document: CommitDocument
  readonly standing: StandingRow | undefined
  readonly fate: Exclude<Fate, 'gone'>
}

const foreseePart = (part: CommitPart, judged: readonly Judged[], stored: StoredPart | undefined, ownGone: boolean): ForeseenPart & { readonly outcome: Outcome } => {
  const placements = new Map<DocumentId, Placement>(judged.map(({ document, standing, fate }) => [document.id, placementOf(document, fate, standing)]))
  const [answer] = answerParts([part], placements)
  const isKept = stored?.outcome === 'accepted' && answer?.outcome === 'duplicate'
  const before = stored?.answer?.errors ?? []
  const outcome = answer?.outcome ?? 'rejected'
  return {
    part, outcome: isKept ? 'accepted' : outcome, mappingVersion: (isKept ? stored.mappingVersion : part.mappingVersion) ?? null,
    fate: partFateOf(stored?.outcome, outcome, judged.map(({ fate }) => fate), ownGone),
    documents: judged.map(({ document, standing, fate }) => ({
      part: part.ordinal, kind: document.kind, number: document.number, fate, revision: standing?.headRevision ?? null,
      // The body was made of one.
      ...(fate === 'changed' && standing?.body != null ? { before: standing.body, after: JSON.parse(document.body) as CanonicalDocument } : {}),
    })),
    errors: { before, after: isKept ? before : answer?.errors ?? [] },
  }
}

const partFateOf = (before: Outcome | undefined, after: Outcome, fates: readonly Fate[], ownGone: boolean): PartFate => {
  if (before === undefined) return 'added'
  const isStale = fates.includes('stale')
  if (before === 'rejected') return after === 'rejected' ? 'stillRefused' : 'noLongerRefused'
  if (after === 'rejected') return isStale ? 'stale' : 'newlyRefused'
  if (ownGone || fates.some((fate) => fate === 'changed' || fate === 'added')) return 'changed'
  return isStale ? 'stale' : 'unchanged'
}

interface Wanted {
  readonly from: number
  readonly to: number
  readonly documents: readonly CommitDocument[]
  readonly withBodies: boolean
}

/** Every document that these parts brought or would bring, with its current revision, whose body is given where another content would take its place. */
const standingsOf = (tx: Tx, messageId: string, { from, to, documents, withBodies }: Wanted): Promise<readonly StandingRow[]> => tx.query<StandingRow>(`
  with own as (
    select distinct on (sender, kind, number) sender, kind, number, part, position from document where message_id = $1 and part between $2 and $3 order by sender, kind, number, position desc, revision desc
  ), given as (
    select sender, kind, number, array_agg(sha256) as contents from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as each (sender, kind, number, sha256) group by sender, kind, number
  ), named as (
    select sender, kind, number, own.part, own.position, given.contents from own full join given using (sender, kind, number)
  )
  select named.sender, named.kind, named.number, named.part, head.document_id as "headId", head.revision as "headRevision", head.content_sha256 as "headSha256", head.position as "headPosition",
    coalesce(named.position, case when current.message_id = $1 then head.position end) as "ownPosition", (select position from message where id = $1) as "messagePosition",
    case when $8 and head.content_sha256 <> all(named.contents) then current.body end as body
  from named left join document_head head using (sender, kind, number) left join document current on current.id = head.document_id`,
[messageId, from, to, documents.map(({ sender }) => sender), documents.map(({ kind }) => kind), documents.map(({ number }) => number), documents.map(({ contentSha256 }) => contentSha256), withBodies])

const partsBetween = (tx: Tx, messageId: string, { from, to }: Pick<Wanted, 'from' | 'to'>): Promise<readonly StoredPart[]> => tx.query<StoredPart>(`
  select ordinal, outcome, mapping_version as "mappingVersion", answer from part where message_id = $1 and ordinal between $2 and $3`, [messageId, from, to])

/** What these parts brought. */
const documentsBetween = (tx: Tx, messageId: string, { from, to }: Pick<Wanted, 'from' | 'to'>): Promise<readonly (Named & { readonly part: number, readonly headRevision: number | null })[]> => tx.query(`
  select distinct on (own.sender, own.kind, own.number) own.sender, own.kind, own.number, own.part, head.revision as "headRevision" from document own left join document_head head using (sender, kind, number)
  where own.message_id = $1 and own.part between $2 and $3 order by own.sender, own.kind, own.number, own.part`, [messageId, from, to])
