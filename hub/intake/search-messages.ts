import type { MessageFilter, MessagePage } from '../central/find-messages.js'
import type { SearchedDocument } from '../crm/search-queries.js'

/** What messages are looked for by: what they have themselves, and what their documents have. */
export interface MessageSearch {
  readonly message: MessageFilter
  readonly document: SearchedDocument
}

interface SearchDeps {
  readonly findMessages: (filter: MessageFilter, page: MessagePage) => Promise<readonly string[]>
  /** Those of these messages that pass. */
  readonly passingMessages: (filter: MessageFilter, ids: readonly string[]) => Promise<ReadonlySet<string>>
  readonly findDocuments: (document: SearchedDocument, before: string | undefined, limit: number) => Promise<readonly string[]>
  /** The words of a text as they are looked for in errors. */
  readonly searchedWords: (text: string) => readonly string[]
}

/** A page of ids, the latest first; `next` is the last id that was looked at, where there may be more. */
export interface FoundPage {
  readonly ids: readonly string[]
  readonly next: string | undefined
}

/** How many candidates are looked at in one step, and how many steps a page may take: then it ends short, with a cursor. */
const step = { candidates: 500, most: 40 } as const

/**
 * Finds messages, the latest first. Documents are looked for in the CRM database and messages in the central one: what the one finds, in the order of ids that both have,
 * the other looks through. Text is looked for in the errors of refused messages too, unless something is asked that only a document has.
 */
export const makeSearchMessages = (deps: SearchDeps) => async ({ message, document }: MessageSearch, { before, limit }: MessagePage): Promise<FoundPage> => {
  const wished = Object.values(document).some((value) => value !== undefined)
  if (!wished) return pageOf(await deps.findMessages(message, { before, limit: limit + 1 }), limit)
  const { text, ...others } = document
  const errorWords = text !== undefined && Object.values(others).every((value) => value === undefined) ? deps.searchedWords(text) : []
  const found: string[] = []
  let cursor = before
  for (let steps = 0; steps < step.most; steps++) {
    const [documents, refused] = await Promise.all([
      deps.findDocuments(document, cursor, step.candidates),
      errorWords.length === 0 ? [] : deps.findMessages({ ...message, errorWords }, { before: cursor, limit: step.candidates }),
    ])
    // Beyond the end of a list that is cut off, the other one is not known to be whole.
    const known = (list: readonly string[]): string | undefined => (list.length < step.candidates ? undefined : list.at(-1))
    const from = [known(documents), known(refused)].reduce((later, end) => (later === undefined || (end !== undefined && end > later) ? end : later))
    const passing = await deps.passingMessages(message, documents)
    const ids = [...new Set([...documents.filter((id) => passing.has(id)), ...refused])].filter((id) => from === undefined || id >= from).sort().reverse()
    found.push(...ids)
    if (from === undefined || found.length > limit) return pageOf(found, limit)
    cursor = from
  }
  return { ids: found.slice(0, limit), next: cursor }
}

const pageOf = (found: readonly string[], limit: number): FoundPage => {
  const ids = found.slice(0, limit)
  return { ids, next: found.length > limit ? ids.at(-1) : undefined }
}
