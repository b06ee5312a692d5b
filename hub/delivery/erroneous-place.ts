import { services, type InterchangeMessage } from '../../schemas/interchange-reader.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Segment } from '../../schemas/segments-reader.js'

/** A place of a message that is in error, counted as acknowledgements count. */
export interface ErroneousPlace {
  readonly issue: Issue
  /** Of the segment, or of the one that is missing behind it. */
  readonly tag: string
  readonly isMissing: boolean
  /** Of the segment in the message, from 1, the opening one being the first. */
  readonly position: number
  /** In the segment, from 1 behind its tag; undefined where the segment as a whole is meant. */
  readonly element: number | undefined
  /** In the element, from 1; undefined where it is meant as a whole. */
  readonly component: number | undefined
  /** What stands there; '' where nothing does. */
  readonly value: string
}

/** Where in a message an issue is, by the line and column and the path that it names; undefined where it is of the message as a whole, as what is wrong with its own opening and trailer is. */
export const erroneousPlaceOf = ({ segments, family }: Pick<InterchangeMessage, 'segments' | 'family'>, issue: Issue): ErroneousPlace | undefined => {
  const [, line, column, path = ''] = /^(\d+):(\d+)(?: (.*))?$/s.exec(issue.at) ?? []
  const steps = path.replace(/\[[^\]]*\]/g, '').split('/')
  const tag = steps.find((step) => tagForm.test(step))
  const place = { line: Number(line), column: Number(column) }
  const stands = segments.findIndex((segment) => isAt(segment, place) || elementAt(segment, place) !== undefined)
  // What is missing at the top is placed where the message begins: the path says of which segment, unless it is one of several of its name.
  const named = stands <= 0 && tag !== undefined && path.startsWith(`${tag}/`) ? segments.findIndex((segment) => segment.tag === tag) : -1
  const index = named >= 0 ? named : stands
  const segment = segments[index]
  if (segment === undefined || segment.tag === services[family].message.open || segment.tag === services[family].message.close) return undefined
  const at = elementAt(segment, place)
  if (at === undefined) {
    const isMissing = tag !== undefined && tag !== segment.tag
    return { issue, tag: isMissing ? tag : segment.tag, isMissing, position: index + 1, element: isMissing ? undefined : numberedElement(segment.tag, steps.at(-1) ?? ''), component: undefined, value: '' }
  }
  const isComposite = compositeForm.test(steps.at(-1) ?? '')
  const isWithin = at.component > 1 || compositeForm.test(steps.at(-2) ?? '')
  return { issue, tag: segment.tag, isMissing: false, position: index + 1, element: at.element, component: isWithin && !isComposite ? at.component : undefined, value: isComposite ? '' : at.value }
}

const tagForm = /^[A-Z][A-Z0-9]{1,2}$/
const compositeForm = /^[CS]\d{3}$/

const isAt = (one: { readonly line: number, readonly column: number }, { line, column }: { readonly line: number, readonly column: number }): boolean => one.line === line && one.column === column

const elementAt = ({ elements }: Segment, place: { readonly line: number, readonly column: number }) => {
  for (const [element, repetitions] of elements.entries()) {
    for (const components of repetitions) {
      const component = components.findIndex((one) => isAt(one, place))
      if (component >= 0) return { element: element + 1, component: component + 1, value: components[component]?.text.trim() ?? '' }
    }
  }
  return undefined
}

/** X12's elements are named by their place: the fifth of BEG is BEG05. */
const numberedElement = (tag: string, name: string): number | undefined => (name.startsWith(tag) && /^\d\d$/.test(name.slice(tag.length)) ? Number(name.slice(tag.length)) : undefined)
