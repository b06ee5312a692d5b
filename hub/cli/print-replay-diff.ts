import { exitCodes, type ExitCode } from './command.js'

/** What a dry run of a replay answers. */
export interface ShownDiff {
  readonly messageId: string
  readonly differs: boolean
  readonly outcome: { readonly before: string, readonly after: string }
  readonly mappingVersion: { readonly before: string | null, readonly after: string | null }
  readonly functionsChanged?: true
  readonly engineChanged?: true
  readonly parts?: Readonly<Record<string, number>>
  readonly documentCounts?: Readonly<Record<string, number>>
  readonly moreDocuments?: number
  readonly moreErrors?: { readonly gone: number, readonly come: number }
  readonly documents: readonly {
    readonly part: number
    readonly place?: string
    readonly kind: string
    readonly number: string
    readonly change: string
    readonly revision: number | null
    readonly differences?: readonly { readonly path: string, readonly before?: unknown, readonly after?: unknown }[]
    readonly moreDifferences?: number
  }[]
  readonly errors: { readonly gone: readonly ShownIssue[], readonly come: readonly ShownIssue[] }
}

interface ShownIssue {
  readonly code: string
  readonly at: string
  readonly detail: string
}

const words: Readonly<Record<string, string>> = { stale: 'stale: a later message has replaced it', gone: 'gone: this mapping gives it no more; what was accepted stays' }

const partWords: Readonly<Record<string, string>> = { noLongerRefused: 'no longer refused', newlyRefused: 'newly refused (what was accepted of them stays)', stillRefused: 'still refused', stale: 'stale (a later message has replaced them)' }

const countsIn = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).filter(([, count]) => count > 0).map(([name, count]) => `${count} ${partWords[name] ?? name}`).join(', ')

/** Prints what a replay would change, a line for each field. */
export const printReplayDiff = (shown: ShownDiff): ExitCode => {
  const { messageId, differs, outcome, mappingVersion, functionsChanged, engineChanged, parts, documentCounts, documents, moreDocuments, errors, moreErrors } = shown
  console.log(`message ${messageId}${differs ? '' : '\n  nothing would change'}`)
  if (outcome.before !== outcome.after) console.log(`  outcome ${outcome.before} ▸ ${outcome.after}`)
  if (mappingVersion.before !== mappingVersion.after) console.log(`  mapping ${mappingVersion.before ?? 'none'} ▸ ${mappingVersion.after ?? 'none'}`)
  if (functionsChanged === true) console.log('  the functions beside the map are those of today, which differ')
  if (engineChanged === true) console.log('  the engine is that of today, which reads maps otherwise')
  if (parts !== undefined) console.log(`  parts: ${countsIn(parts)}`)
  if (documentCounts !== undefined) console.log(`  documents: ${countsIn(documentCounts)}`)
  for (const { part, place, kind, number, change, revision, differences = [], moreDifferences } of documents) {
    const where = parts === undefined ? '' : `part ${part}${place === undefined ? '' : ` at ${place}`}, `
    console.log(`  ${where}${kind} ${number}: ${words[change] ?? change}${change === 'changed' ? `, would be revision ${(revision ?? 0) + 1}` : ''}`)
    for (const { path, before, after } of differences) {
      if (before !== undefined) console.log(`    - ${path}: ${JSON.stringify(before)}`)
      if (after !== undefined) console.log(`    + ${path}: ${JSON.stringify(after)}`)
    }
    if (moreDifferences !== undefined) console.log(`    and ${moreDifferences} more`)
  }
  if (moreDocuments !== undefined) console.log(`  and ${moreDocuments} more documents`)
  for (const issue of errors.gone) console.log(`  - ${wordsOf(issue)}`)
  for (const issue of errors.come) console.log(`  + ${wordsOf(issue)}`)
  if (moreErrors !== undefined) console.log(`  and ${moreErrors.gone} more errors that go, ${moreErrors.come} that come`)
  return exitCodes.done
}

const wordsOf = ({ code, at, detail }: ShownIssue): string => `${code} at ${at === '' ? 'the whole' : at}: ${detail}`
