import { hash } from 'node:crypto'
import type { CanonicalDocument } from '../../schemas/canonical/canonical-document.js'
import type { DocumentId } from '../../schemas/ids.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { issuerKeyOf, keyedReferencesOf } from '../../schemas/source-key.js'
import { storableText } from '../../schemas/storable.js'
import { threadAnchorsOf, threadIdOf } from '../../schemas/thread-id.js'
import type { CommitDocument, CommitPart } from '../central/commit-item.js'
import { canonicalJson } from './canonical-json.js'
import type { Channel } from './channel.js'
import type { PrepareDeps } from './deps.js'
import type { Enclosed } from './envelopes/envelope.js'
import { unstorableIssues } from './find-unstorable.js'
import type { PartCheck } from './schema-sets/check-parts.js'

/** Of sender and number together, in UTF-8: what an index of PostgreSQL surely takes. */
const maxKeyBytes = 2000

const isError = ({ severity }: Issue): boolean => severity !== 'warning'

const sha256 = (text: string): string => hash('sha256', text)

/** Recognises, maps, validates and checks one part. A part with an error has no documents; one that breaks a registered schema is not mapped. `ordinal` counts from 1. */
export const translatePart = (deps: PrepareDeps, channel: Channel, { head, root }: Enclosed, ordinal: number, checked?: PartCheck): CommitPart => {
  const schemas = checked?.applied ?? []
  const found = checked?.issues ?? []
  const ackWanted = isAckWanted(channel, head.ackWanted)
  if (!root.ok) return partOf(ordinal, head, ackWanted, undefined, schemas, { test: head.test, issues: [issueOf(root)], documents: [] })
  const format = deps.translator.recognise(root.value, channel.languages)
  if (!format.ok) return partOf(ordinal, head, ackWanted, undefined, schemas, { test: head.test, issues: foremost([issueOf(format), ...found]).map(storable), documents: [] })
  const { kind, id } = format.value
  const said = found.some(isError) ? { documents: [], test: head.test, issues: [] } : translate(deps, channel, id, root.value, head.test)
  return partOf(ordinal, head, ackWanted && kind !== 'application-response', format.value, schemas, {
    test: said.test, issues: foremost([...found, ...said.issues]).map(storable), documents: said.issues.some(isError) ? [] : said.documents,
  })
}

/** What an envelope says of itself is kept as it can be: refused or not, its message is. Written out at once: to add to a copy takes ten times as long. */
const partOf = (ordinal: number, head: Enclosed['head'], ackWanted: boolean, format: { readonly id: string, readonly version: string } | undefined, schemas: NonNullable<CommitPart['schemas']>, { test, issues, documents }: Translated): CommitPart => {
  const part = {
    ordinal, sender: kept(head.sender), receiver: kept(head.receiver), controlNumber: kept(head.controlNumber), test, ackWanted,
    format: format?.id, mappingVersion: format?.version, documents, issues,
  }
  return schemas.length === 0 ? part : { ...part, schemas }
}

const kept = (text: string | undefined): string | undefined => (text === undefined ? undefined : storableText(text.slice(0, mostCharacters.place)))

/** What the channel says goes before what the envelope does. */
const isAckWanted = ({ acknowledge }: Channel, wished: boolean): boolean => acknowledge === 'always' || (acknowledge === 'wished' && wished)

/** More issues of one part than a person reads are cut off, warnings first. */
const mostIssues = 200

export const foremost = (issues: readonly Issue[], most = mostIssues): readonly Issue[] =>
  issues.length <= most ? issues : [...issues.filter(isError), ...issues.filter((issue) => !isError(issue))].slice(0, most)

const issueOf = ({ code, at, detail }: Issue): Issue => storable({ code, at, detail })

/** Names and values that a partner wrote stand in what is said of them. */
const mostCharacters = { place: 1000, words: 2000 } as const

const cut = (text: string, most: number): string => storableText(text.length > most ? `${text.slice(0, most)}…` : text)

const storable = (issue: Issue): Issue => {
  const { at, detail, path, fix } = issue
  const { place, words } = mostCharacters
  return {
    ...issue, at: cut(at, place), detail: cut(detail, words),
    ...(path === undefined ? {} : { path: cut(path, place) }),
    ...(fix === undefined ? {} : { fix: { en: cut(fix.en, words), zh: cut(fix.zh, words) } }),
  }
}

interface Translated {
  readonly documents: readonly CommitDocument[]
  readonly test: boolean
  readonly issues: readonly Issue[]
}

const translate = (deps: PrepareDeps, channel: Channel, formatId: string, root: Node, markedAsTest: boolean): Translated => {
  const translation = deps.translator.read(formatId, root, { strict: channel.strict, validation: channel.validation })
  const test = translation.test || markedAsTest
  if (translation.issues.some(isError)) return { documents: [], test, issues: translation.issues }
  if (translation.documents.length === 0) {
    return { documents: [], test, issues: [...translation.issues, { code: 'message-empty', at: `${root.line}:${root.column}`, detail: 'The mapping found no document.' }] }
  }
  const checked = translation.documents.map((document) => checkDocument(deps, channel, document, test))
  const found = deps.translator.locate(formatId, root, checked.flatMap(({ issues }) => issues))
  return { test, issues: [...translation.issues, ...found], documents: checked.flatMap(({ document }) => (document === undefined ? [] : [document])) }
}

const checkDocument = (deps: PrepareDeps, channel: Channel, document: CanonicalDocument, test: boolean): { readonly issues: readonly Issue[], readonly document?: CommitDocument } => {
  const invalid = deps.validate(document)
  if (invalid.some(isError)) return { issues: invalid }
  const body = canonicalJson(document)
  const unstorable = unstorableIssues(document, body)
  if (unstorable.length > 0) return { issues: [...invalid, ...unstorable] }
  const made = commitDocument(deps, channel, document, body, test)
  const keyBytes = Buffer.byteLength(made.sender) + Buffer.byteLength(made.number)
  if (keyBytes > maxKeyBytes) return { issues: [...invalid, { code: 'not-storable', at: 'number', detail: `Sender and number take ${keyBytes} bytes; ${maxKeyBytes} can be kept.` }] }
  return { issues: [...invalid, ...totalsIssues(deps, channel, document)], document: made }
}

const totalsIssues = (deps: PrepareDeps, { totals }: Channel, document: CanonicalDocument): readonly Issue[] =>
  deps.checkTotals(document).map(({ code, at, detail }) => (totals === 'warn' ? { code, at, detail, severity: 'warning' } : { code, at, detail }))

const commitDocument = (deps: PrepareDeps, { system, partner }: Channel, document: CanonicalDocument, body: string, test: boolean): CommitDocument => {
  const issuerKey = issuerKeyOf(system, document)
  return {
    id: deps.newId() as DocumentId,
    kind: document.kind,
    number: document.number,
    sender: partner ?? issuerKey ?? system,
    issuerKey,
    function: document.function,
    test,
    references: keyedReferencesOf(system, document),
    threadIds: threadAnchorsOf(system, document).map((anchor) => threadIdOf(system, anchor)),
    // A copy says again what the original said.
    contentSha256: sha256(document.function === 'copy' ? canonicalJson({ ...document, function: 'original' }) : body),
    body,
  }
}
