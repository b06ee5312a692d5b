import type { NodeCount } from '../../../schemas/node.js'
import { fail, type Failure, type Result } from '../../../schemas/result.js'
import { longestPiece } from '../../../schemas/splitter.js'
import type { TextCutter, TextPart, TextPiece } from '../text-binding.js'

interface State {
  buffer: string
  /** The line that is looked at, how far its end was looked for, and its number. */
  at: number
  scanned: number
  line: number
  /** Where the document began that is being gone through; -1 where there is none. */
  from: number
  firstLine: number
  dropped: boolean
  failure: Failure | undefined
}

/** Cuts lines of records into documents, each of which begins with a line that `begins` one, and reads them from their first line's number on. */
export const recordCutter = (begins: (line: string) => boolean, read: (text: string, firstLine: number, count: NodeCount) => Result<readonly TextPart[]>, longest = longestPiece): TextCutter => {
  const state: State = { buffer: '', at: 0, scanned: 0, line: 1, from: -1, firstLine: 1, dropped: false, failure: undefined }
  let pieces: TextPiece[] = []
  const close = (): void => {
    const { buffer, from, at, firstLine, dropped } = state
    if (from !== -1 && !dropped) {
      const text = buffer.slice(from, at)
      if (text.trim() !== '') pieces.push({ length: text.length, read: (most) => read(text, firstLine, { nodes: 0, most }) })
    }
    state.from = -1
  }
  const go = (): void => {
    for (;;) {
      const end = lineEnd(state.buffer, Math.max(state.scanned, state.at))
      state.scanned = end
      if (end === state.buffer.length) return
      const line = state.buffer.slice(state.at + (state.line === 1 && state.buffer.startsWith('\ufeff') ? 1 : 0), end)
      if (state.from === -1 || begins(line)) {
        close()
        ;[state.from, state.firstLine, state.dropped] = [state.at, state.line, false]
      }
      state.at = end + (state.buffer.charCodeAt(end) === 0x0d && state.buffer.charCodeAt(end + 1) === 0x0a ? 2 : 1)
      state.scanned = state.at
      state.line++
    }
  }
  const drop = (): void => {
    const { from, at, firstLine } = state
    if (from !== -1 && !state.dropped && at - from > longest) {
      pieces.push({ length: 0, read: () => fail('limit-exceeded', `${firstLine}:1`, `The records of the document that begins here have more than ${longest} characters.`) })
      state.dropped = true
    }
    if (state.buffer.length - at > longest) state.failure ??= fail('limit-exceeded', `${state.line}:1`, `The record has more than ${longest} characters.`)
    const keep = from === -1 || state.dropped ? at : from
    state.buffer = state.buffer.slice(keep)
    state.at -= keep
    state.scanned -= keep
    if (from !== -1) state.from = state.dropped ? 0 : from - keep
  }
  return {
    push: (text) => {
      pieces = []
      if (state.failure !== undefined) return pieces
      state.buffer += text
      go()
      drop()
      return pieces
    },
    end: () => {
      pieces = []
      if (state.failure !== undefined) return pieces
      state.buffer += '\n'
      go()
      close()
      return pieces
    },
    failure: () => state.failure,
  }
}

const lineEnd = (text: string, from: number): number => {
  let end = from
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === 0x0a || code === 0x0d) break
  }
  return end
}
