import type { Line } from '../../schemas/canonical/trade-document.js'
import type { ErrorCode } from '../../schemas/error-registry.js'
import type { InterchangeMessage } from '../../schemas/interchange-reader.js'
import type { Issue } from '../../schemas/message-answer.js'
import { erroneousPlaceOf, type ErroneousPlace } from './erroneous-place.js'

export type RefusalReason = NonNullable<NonNullable<Line['response']>['reasons']>[number]
type Condition = NonNullable<RefusalReason['conditions']>[number]

/** Of one segment; an acknowledgement has a place for 99. */
const mostElements = 99

/** Why a message was refused, as a CONTRL or a 997 says it: of the message as a whole first (or last, in X12), and of each segment in error with its data elements (ISO 9735-4, UCS and UCD; X12.20, AK3 and AK4). */
export const refusalReasons = (message: InterchangeMessage, errors: readonly Issue[]): readonly RefusalReason[] => {
  const placed = errors.flatMap((issue) => erroneousPlaceOf(message, issue) ?? [])
  const whole = errors.find((issue) => !placed.some((one) => one.issue === issue))
  const segments = [...new Set(placed.map(({ position }) => position))].sort((a, b) => a - b).map((position) => placed.filter((one) => one.position === position))
  if (message.family === 'edifact') return [...(whole === undefined && placed.length > 0 ? [] : [{ code: syntaxErrorOf(whole?.code) }]), ...segments.map(ofSyntax)]
  return [...segments.flatMap(ofSegments), { code: placed.length > 0 ? segmentsInError : setErrorOf(whole?.code) }]
}

const condition = (name: string, ...values: readonly string[]): Condition => ({ name, values: values.map((value) => ({ value })) })

/** UCS and UCD. The tag of a segment counts as its first element. */
const ofSyntax = (places: readonly ErroneousPlace[]): RefusalReason => {
  const whole = places.find(({ element }) => element === undefined)
  const elements = places.flatMap(({ element, component, issue }) => (element === undefined ? [] : [condition('element', [element + 1, ...(component === undefined ? [] : [component])].join('.'), syntaxErrorOf(issue.code))]))
  return { ...(whole === undefined ? {} : { code: syntaxErrorOf(whole.issue.code) }), conditions: [condition('segment', String(places[0]?.position ?? 1)), ...elements.slice(0, mostElements)] }
}

/** AK3 and AK4: those of the segment, and one more of each segment that is missing behind it. */
const ofSegments = (places: readonly ErroneousPlace[]): readonly RefusalReason[] => {
  const own = places.filter(({ isMissing }) => !isMissing)
  const missing = places.filter(({ isMissing }) => isMissing).map(({ tag, position }): RefusalReason => ({ code: '3', conditions: [condition('segment', tag), condition('position', String(position + 1))] }))
  const [first] = own
  if (first === undefined) return missing
  const elements = own.flatMap(({ element, issue, value }) => (element === undefined ? [] : [condition('element', String(element), elementErrorOf(issue.code, value), ...(isPlain(value) ? [value] : []))]))
  const code = elements.length > 0 ? '8' : segmentErrorOf(first.issue)
  return [{ code, conditions: [condition('segment', first.tag), condition('position', String(first.position)), ...elements.slice(0, mostElements)] }, ...missing]
}

/** A copy of what is wrong goes along as far as it cannot end anything in whatever it is written in. */
const isPlain = (value: string): boolean => /^[A-Za-z0-9 .,-]{1,99}$/.test(value)

/** Data element 0085: 18 is an error that is not specified. */
export const syntaxErrorOf = (code: ErrorCode | undefined): string => syntaxErrors[code ?? ''] ?? '18'
const syntaxErrors: Readonly<Record<string, string>> = {
  'field-missing': '13', 'value-invalid': '12', 'code-unknown': '12', 'node-unknown': '15', 'format-unknown': '14', 'envelope-invalid': '29', 'encoding-invalid': '21', 'encoding-unknown': '46', 'key-reused': '26', 'schema-invalid': '12', 'rule-violated': '48',
}

/** Data element 718. */
const setErrorOf = (code: ErrorCode | undefined): string => (code === 'format-unknown' ? '1' : code === 'envelope-invalid' ? '4' : segmentsInError)
const segmentsInError = '5'

/** Data element 720; 8 is of data elements in error, which are not named then. */
const segmentErrorOf = ({ code, rule }: Issue): string => (code === 'node-unknown' ? '1' : rule === 'order' ? '7' : rule === 'occurrence' ? '5' : '8')

/** Data element 723. Of digits alone in the number of a day nothing else can be wrong than that there is no such day. */
const elementErrorOf = (code: ErrorCode, value: string): string =>
  (code === 'field-missing' ? '1' : code === 'code-unknown' ? '7' : code === 'node-unknown' ? '3' : /^\d{6}(?:\d\d)?$/.test(value) ? '8' : '6')
