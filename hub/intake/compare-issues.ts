import type { Issue } from '../../schemas/message-answer.js'

interface IssueChanges {
  readonly gone: readonly Issue[]
  readonly come: readonly Issue[]
}

/** Which issues are not said any more, and which are said now. */
export const compareIssues = (before: readonly Issue[], after: readonly Issue[]): IssueChanges => ({ gone: without(before, after), come: without(after, before) })

const nameOf = ({ code, at, detail, severity }: Issue): string => JSON.stringify([code, at, detail, severity])

const without = (these: readonly Issue[], those: readonly Issue[]): readonly Issue[] => {
  if (these.length === 0) return []
  const names = new Set(those.map(nameOf))
  return these.filter((issue) => !names.has(nameOf(issue)))
}
