/**
 * JSON with the members of every object in the order of their names, those that are whole numbers first, as JavaScript has them: equal content is equal text. Members that are
 * undefined are left out.
 */
export const canonicalJson = (value: unknown): string => textOf(value, outermost)

/** The members of objects that have these names in this order, in the order in which they are written. */
interface Plan {
  readonly names: readonly string[]
  readonly members: readonly Member[]
}

/** A place where an object may stand, and what the last one there had: documents of one kind say the same things in the same order. */
interface Place {
  plan: Plan | undefined
}

interface Member extends Place {
  readonly name: string
  /** What stands before its value where it is the first one, and where others stand before it. */
  readonly first: string
  readonly next: string
}

const outermost: Place = { plan: undefined }

const textOf = (value: unknown, place: Place): string => {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return listText(value, place)
  if (isObject(value)) return objectText(value, place)
  return JSON.stringify(value ?? null)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

// eslint reads the control characters as a slip of the pen in a literal.
const special = new RegExp('["\\\\\\0-\\x1f\\ud800-\\udfff]')

const quoted = (text: string): string => (special.test(text) ? JSON.stringify(text) : `"${text}"`)

const listText = (values: readonly unknown[], place: Place): string => {
  let text = ''
  for (const value of values) text += text === '' ? textOf(value, place) : `,${textOf(value, place)}`
  return `[${text}]`
}

const objectText = (value: Readonly<Record<string, unknown>>, place: Place): string => {
  const names = Object.keys(value)
  const plan = place.plan !== undefined && isSame(place.plan.names, names) ? place.plan : planOf(names)
  place.plan = plan
  let text = ''
  for (const member of plan.members) {
    const held = value[member.name]
    if (held !== undefined) text += (text === '' ? member.first : member.next) + textOf(held, member)
  }
  return text === '' ? '{}' : `${text}}`
}

const isSame = (some: readonly string[], others: readonly string[]): boolean => {
  if (some.length !== others.length) return false
  for (let index = 0; index < some.length; index++) if (some[index] !== others[index]) return false
  return true
}

const mostPlans = 500
const mostCharacters = 2000

let plans = new Map<string, Plan>()

/** What is remembered has an end, and no more is lost with it than time. */
const planOf = (names: readonly string[]): Plan => {
  const joined = names.join('\0')
  const known = plans.get(joined)
  if (known?.names.length === names.length) return known
  const made = { names, members: inOrder(names).map(memberOf) }
  if (plans.size >= mostPlans) {
    plans = new Map()
    outermost.plan = undefined
  }
  if (joined.length <= mostCharacters) plans.set(joined, made)
  return made
}

const inOrder = (names: readonly string[]): readonly string[] => Object.keys(Object.fromEntries([...names].sort().map((name) => [name, true])))

const memberOf = (name: string): Member => ({ name, first: `{${JSON.stringify(name)}:`, next: `,${JSON.stringify(name)}:`, plan: undefined })
