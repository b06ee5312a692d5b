import { ok, type Result } from '../../../schemas/result.js'

/** The same text in steps of which none divides a carriage return from the line feed behind it. */
export const withWholeLineEnds = async function* (texts: AsyncGenerator<Result<string>>): AsyncGenerator<Result<string>> {
  let held = ''
  for await (const step of texts) {
    if (!step.ok) {
      yield step
      return
    }
    const text = held === '' ? step.value : held + step.value
    held = text.endsWith('\r') ? '\r' : ''
    yield ok(held === '' ? text : text.slice(0, -1))
  }
  if (held !== '') yield ok(held)
}

/** Line ends as XML 1.0 has them after reading, section 2.11; a carriage return in JSON stands between lines and values alone. */
export const withLineFeeds = async function* (texts: AsyncGenerator<Result<string>>): AsyncGenerator<Result<string>> {
  for await (const step of withWholeLineEnds(texts)) yield step.ok && step.value.includes('\r') ? ok(step.value.split('\r\n').join('\n').split('\r').join('\n')) : step
}
