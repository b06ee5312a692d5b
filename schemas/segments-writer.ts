import { fail, ok, type Result } from './result.js'
import type { SegmentSeparators } from './segment-separators.js'

/** One segment as it is written: its elements, of each its repetitions, of each its components. What is empty at an end is left out. */
export interface WrittenSegment {
  readonly tag: string
  /** Where it stands in the document, for whoever is told of a text that cannot be written. */
  readonly path: string
  /** Elements, from 0, that say what the separators are, as ISA11 and ISA16 do. */
  readonly declares?: readonly number[]
  readonly elements: readonly (readonly (readonly string[])[])[]
}

/**
 * Segments as text. What separates is released where it is data; where there is no release character, as in X12, such data fails with value-invalid at the segment's path, for nothing
 * may be left out of it. `between` stands behind each segment.
 */
export const writeSegments = (segments: readonly WrittenSegment[], separators: SegmentSeparators, between: string): Result<string> => {
  const special = new Set([separators.segment, separators.element, separators.component, separators.repetition, separators.release].filter((one) => one !== ''))
  const releases = new RegExp(`[${[...special].map((one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join('')}]`, 'gu')
  const lines: string[] = []
  for (const { tag, path, elements, declares = [] } of segments) {
    if (separators.release === '') {
      const place = elements.findIndex((element, index) => !declares.includes(index) && element.some((components) => components.some((text) => text.search(releases) >= 0)))
      const texts = elements[place]?.flat() ?? []
      const held = texts.map((text) => text.match(releases)?.[0]).find((one) => one !== undefined)
      if (held !== undefined) return fail('value-invalid', `${path}/${place + 1}`, `${JSON.stringify(texts.join(' ').slice(0, 60))} holds ${JSON.stringify(held)}, which separates here and cannot be written as data; choose other separators in the description, or a converter that says it otherwise.`)
    }
    const componentOf = (text: string): string => (separators.release === '' ? text : text.replace(releases, (one) => `${separators.release}${one}`))
    const elementOf = (element: WrittenSegment['elements'][number]): string => element.map((components) => withoutEnd(components.map(componentOf)).join(separators.component)).join(separators.repetition)
    lines.push(`${[tag, ...withoutEnd(elements.map(elementOf))].join(separators.element)}${separators.segment}${between}`)
  }
  return ok(lines.join(''))
}

const withoutEnd = (texts: readonly string[]): readonly string[] => {
  let length = texts.length
  while (length > 0 && texts[length - 1] === '') length--
  return length === texts.length ? texts : texts.slice(0, length)
}
