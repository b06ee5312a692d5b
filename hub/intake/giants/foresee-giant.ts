import type { Fate } from '../../central/foresee-commit.js'
import type { ForeseenDocument, ForeseenPart, Foresight, PartFate } from '../../central/giants/foresee-slices.js'
import type { GiantRow } from '../../central/giants/giant-rows.js'
import type { MessageId } from '../../../schemas/ids.js'
import type { Issue } from '../../../schemas/message-answer.js'
import { ok, type Result } from '../../../schemas/result.js'
import type { StoredMessage } from '../../central/messages.js'
import { compareDocuments } from '../compare-documents.js'
import { compareIssues } from '../compare-issues.js'
import type { EarlierMapping } from '../earlier-mapping.js'
import type { DocumentChange, ReplayDiff } from '../replay.js'
import { sliceGiant, type SliceGiantDeps } from './slice-giant.js'

export interface ForeseeGiantDeps extends Omit<SliceGiantDeps, 'translator'> {
  readonly foresight: (messageId: MessageId) => Foresight
}

interface Foreseeing {
  readonly message: StoredMessage
  readonly giant: GiantRow
  readonly earlier: EarlierMapping | undefined
}

/** What is listed of documents that would change, of the others that are not unchanged, and of errors. */
const most = { changed: 100, others: 100, errors: 100, differences: 50, characters: 2 * 1024 * 1024 } as const

/** Says what a replay of a giant would change, going through its bytes as a replay does, and changes nothing. Fails as sliceGiant does. */
export const foreseeGiant = async (deps: ForeseeGiantDeps & Pick<SliceGiantDeps, 'translator'>, { message, giant, earlier }: Foreseeing, isStopped: () => boolean): Promise<Result<ReplayDiff>> => {
  const foresight = deps.foresight(giant.messageId)
  const summary = summarise()
  const sliced = await sliceGiant({ ...deps, translator: earlier?.translator ?? deps.translator }, { ...giant, pieces: 0, parts: 0, taken: false, again: true }, async (slice) => {
    for (const part of await foresight.slice(slice, summary.hasRoom())) summary.add(part)
    return ok(undefined)
  }, isStopped)
  if (!sliced.ok) return sliced
  const { outcome, partsGone, documentsGone, gone } = await foresight.end()
  const told = summary.end({ partsGone, documentsGone, gone })
  return ok({
    messageId: giant.messageId,
    differs: outcome !== message.outcome || told.differs,
    outcome: { before: message.outcome, after: outcome },
    mappingVersion: { before: message.mappingVersion, after: told.version },
    ...(earlier?.functionsChanged === undefined ? {} : { functionsChanged: true as const }),
    ...(earlier?.engineChanged === undefined ? {} : { engineChanged: true as const }),
    parts: told.parts, documentCounts: told.documentCounts,
    documents: told.documents, ...(told.moreDocuments === 0 ? {} : { moreDocuments: told.moreDocuments }),
    errors: told.errors, ...(told.moreErrors.gone + told.moreErrors.come === 0 ? {} : { moreErrors: told.moreErrors }),
  })
}

const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Counts what is told of parts, and keeps the first of it. */
const summarise = () => {
  const parts: Record<PartFate, number> = { unchanged: 0, changed: 0, noLongerRefused: 0, newlyRefused: 0, stillRefused: 0, stale: 0, added: 0, gone: 0 }
  const documentCounts: Record<Fate, number> = { unchanged: 0, changed: 0, added: 0, stale: 0, gone: 0 }
  const listed: { readonly changed: DocumentChange[], readonly others: DocumentChange[] } = { changed: [], others: [] }
  const errors: Record<'gone' | 'come', Issue[]> = { gone: [], come: [] }
  const errorCounts = { gone: 0, come: 0 }
  const versions = new Set<string>()
  let characters = 0
  const listDocument = (document: ForeseenDocument, place: string | undefined): void => {
    const { before, after, fate, ...named } = document
    const list = fate === 'changed' ? listed.changed : listed.others
    if (fate === 'unchanged' || list.length >= (fate === 'changed' ? most.changed : most.others)) return
    const change = { ...named, ...(place === undefined ? {} : { place }), change: fate }
    list.push(before === undefined ? change : { ...change, ...differencesOf(before, after) })
  }
  const differencesOf = (before: unknown, after: unknown): Pick<DocumentChange, 'differences' | 'moreDifferences'> => {
    const differences = compareDocuments(before, after)
    let shown = 0
    for (const difference of differences.slice(0, most.differences)) {
      characters += JSON.stringify(difference).length
      if (characters > most.characters) break
      shown++
    }
    return { differences: differences.slice(0, shown), ...(differences.length > shown ? { moreDifferences: differences.length - shown } : {}) }
  }
  const listErrors = (which: 'gone' | 'come', ordinal: number, issues: readonly Issue[]): void => {
    errorCounts[which] += issues.length
    for (const issue of issues.slice(0, most.errors - errors[which].length)) errors[which].push({ ...issue, at: `part ${ordinal}${issue.at === '' ? '' : `: ${issue.at}`}` })
  }
  return {
    /** Whether bodies are wanted of documents that would change. */
    hasRoom: (): boolean => listed.changed.length < most.changed && characters < most.characters,
    add: ({ part, fate, mappingVersion, documents, errors: said }: ForeseenPart): void => {
      parts[fate]++
      if (mappingVersion !== null && versions.size < 2) versions.add(mappingVersion)
      for (const document of documents) {
        documentCounts[document.fate]++
        listDocument(document, part.place)
      }
      const compared = compareIssues(said.before, said.after)
      listErrors('gone', part.ordinal, compared.gone)
      listErrors('come', part.ordinal, compared.come)
    },
    end: ({ partsGone, documentsGone, gone }: { readonly partsGone: number, readonly documentsGone: number, readonly gone: readonly ForeseenDocument[] }) => {
      parts.gone = partsGone
      documentCounts.gone = documentsGone
      for (const document of gone) listDocument(document, undefined)
      const documents = [...listed.changed, ...listed.others].sort((one, other) => one.part - other.part)
      const different = sumOf(documentCounts) - documentCounts.unchanged
      return {
        differs: sumOf(parts) > parts.unchanged + parts.stillRefused || different + sumOf(errorCounts) > 0,
        parts, documentCounts, documents, errors,
        moreDocuments: different - documents.length,
        moreErrors: { gone: errorCounts.gone - errors.gone.length, come: errorCounts.come - errors.come.length },
        version: versions.size === 1 ? [...versions][0] ?? null : null,
      }
    },
  }
}
