import type { Issue } from '../../schemas/message-answer.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { storableText } from '../../schemas/storable.js'
import type { CommitPart } from '../central/commit-item.js'
import type { Channel } from './channel.js'
import type { PrepareDeps } from './deps.js'
import type { Enclosed } from './envelopes/envelope.js'
import { foremost, translatePart } from './translate-part.js'

/** When so many parts come first of which none can be taken, the others are not looked at. */
const mostInVain = 500
/** Of what is said in full of the parts of a message; each part behind that says one thing, shortened. */
const most = { issues: 2000, characters: 1_000_000 } as const
const shortened = { place: 200, words: 300 } as const

/**
 * Recognises, maps, validates and checks the parts of a message. Where none of the first 500 can be taken, one more says so in the place of all others (limit-exceeded), and the message is refused.
 * Fails with schema-unavailable where the parts cannot be held against their registered schemas now.
 */
export const translateParts = async (deps: PrepareDeps, channel: Channel, enclosed: readonly Enclosed[]): Promise<Result<readonly CommitPart[]>> => {
  const first = await translateFrom(deps, channel, enclosed.slice(0, mostInVain), 1)
  const next = enclosed[mostInVain]
  if (!first.ok || next === undefined) return first.ok ? ok(briefly(first.value)) : first
  if (first.value.every(({ documents }) => documents.length === 0)) {
    const { head, root } = next
    return ok(briefly([...first.value, translatePart(deps, channel, { head, root: inVain(root.ok ? `${root.value.line}:${root.value.column}` : root.at) }, mostInVain + 1)]))
  }
  const others = await translateFrom(deps, channel, enclosed.slice(mostInVain), mostInVain + 1)
  return others.ok ? ok(briefly([...first.value, ...others.value])) : others
}

const inVain = (at: string): Failure => fail('limit-exceeded', at, `None of the first ${mostInVain} documents of the message can be taken, and the others, from this one on, were not looked at: correct them, or send them to the channel that takes them, and send the message again.`)

const translateFrom = async (deps: PrepareDeps, channel: Channel, enclosed: readonly Enclosed[], ordinal: number): Promise<Result<readonly CommitPart[]>> => {
  const checked = await deps.checkParts?.(channel, enclosed) ?? ok([])
  return checked.ok ? ok(enclosed.map((part, index) => translatePart(deps, channel, part, ordinal + index, checked.value[index]))) : checked
}

const shorten = (issue: Issue): Issue => ({ ...issue, at: cut(issue.at, shortened.place), detail: cut(issue.detail, shortened.words) })

const cut = (text: string, length: number): string => (text.length > length ? storableText(`${text.slice(0, length)}…`) : text)

/** Some parts say all that is wrong with them, the others the first of it: nobody reads all of it, and somebody has to. */
const briefly = (parts: readonly CommitPart[]): readonly CommitPart[] => {
  let left: number = most.issues
  let characters: number = most.characters
  return parts.map((part) => {
    const isFull = characters > 0
    const issues = foremost(part.issues, isFull ? Math.max(left, 1) : 1)
    left -= issues.length
    for (const { at, detail } of issues) characters -= at.length + detail.length
    return isFull && issues === part.issues ? part : { ...part, issues: isFull ? issues : issues.map(shorten) }
  })
}
