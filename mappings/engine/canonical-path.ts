import { fail, ok, type Result } from '../../schemas/result.js'

/** A canonical document, or a part of one, while it is being filled. */
export type Draft = Record<string, unknown>

/** `[name=value]` on a list: reading puts the value into the item, writing takes the items that have it. `[!name]` takes those without, `[name]` those with any, `[name!=value]` those with another or none. */
interface Preset {
  readonly name: string
  readonly value: string | undefined
  readonly differs: boolean
}

interface CanonicalSegment {
  readonly name: string
  readonly list: boolean
  readonly index: number | undefined
  readonly presets: readonly Preset[]
}

export interface CanonicalPath {
  readonly text: string
  readonly parents: readonly CanonicalSegment[]
  readonly last: CanonicalSegment
  /** The names alone, where no list stands above the last step. */
  readonly place: string | undefined
}

const segmentText = /^([a-z][A-Za-z]*)((?:\[[^\]]*\])*)$/

/** Reads a path such as `parties.buyer.identifiers[use=tax]` or `reasons[0].code`. Fails with mapping-invalid. */
export const parseCanonicalPath = (text: string, at: string): Result<CanonicalPath> => {
  const segments: CanonicalSegment[] = []
  for (const part of text.split('.')) {
    const match = segmentText.exec(part)
    const segment = match === null ? undefined : readSegment(match[1] ?? '', match[2] ?? '')
    if (segment === undefined) return fail('mapping-invalid', at, `'${part}' is not a step of a canonical path.`)
    segments.push(segment)
  }
  const last = segments.pop()
  return last === undefined ? fail('mapping-invalid', at, 'A canonical path is empty.') : ok(makePath(text, segments, last))
}

const makePath = (text: string, parents: readonly CanonicalSegment[], last: CanonicalSegment): CanonicalPath =>
  ({ text, parents, last, place: parents.some(({ list }) => list) ? undefined : [...parents, last].map(({ name }) => name).join('.') })

const readSegment = (name: string, brackets: string): CanonicalSegment | undefined => {
  const presets: Preset[] = []
  let index: number | undefined
  for (const [, inside = ''] of brackets.matchAll(/\[([^\]]*)\]/g)) {
    const preset = /^(!?)([a-z][A-Za-z]*)(?:(!?)=(.+))?$/.exec(inside)
    if (/^\d$/.test(inside)) index = Number(inside)
    else if (preset?.[2] !== undefined && (preset[1] !== '!' || preset[4] === undefined)) presets.push({ name: preset[2], value: preset[4], differs: preset[4] === undefined ? preset[1] !== '!' : preset[3] === '!' })
    else if (inside !== '') return undefined
  }
  return { name, list: brackets !== '', index, presets }
}

/** `path` below `parent`, as a block that is used at `parent` means it. */
export const below = (parent: CanonicalPath | undefined, path: CanonicalPath): CanonicalPath =>
  parent === undefined ? path : makePath(`${parent.text}.${path.text}`, [...parent.parents, parent.last, ...path.parents], path.last)

export const isDraft = (value: unknown): value is Draft => typeof value === 'object' && value !== null && !Array.isArray(value)

const isList = (value: unknown): value is unknown[] => Array.isArray(value)

const fits = (item: unknown, presets: readonly Preset[]): item is Draft => {
  if (!isDraft(item)) return false
  for (const { name, value, differs } of presets) if ((item[name] === value) === differs) return false
  return true
}

const firstFit = (items: readonly unknown[], presets: readonly Preset[]): Draft | undefined => {
  for (const item of items) if (fits(item, presets)) return item
  return undefined
}

/** A new item with what the path's brackets say of it. */
export const newItem = (segment: CanonicalSegment): Draft => {
  const item: Draft = {}
  for (const { name, value, differs } of segment.presets) if (value !== undefined && !differs) item[name] = value
  return item
}

const step = (draft: Draft, segment: CanonicalSegment, create: boolean): Draft | undefined => {
  const held = draft[segment.name]
  if (!segment.list) {
    if (isDraft(held)) return held
    if (!create) return undefined
    const made: Draft = {}
    draft[segment.name] = made
    return made
  }
  const items = isList(held) ? held : []
  const found = segment.index === undefined ? firstFit(items, segment.presets) : items[segment.index]
  if (isDraft(found)) return found
  if (!create) return undefined
  const item = newItem(segment)
  items.push(item)
  if (items !== held) draft[segment.name] = items
  return item
}

/** The object that holds the last step of the path, made with all above it where it is missing. */
export const makeHolder = (draft: Draft, path: CanonicalPath): Draft => {
  let holder = draft
  for (const segment of path.parents) holder = step(holder, segment, true) ?? holder
  return holder
}

/** The object that holds the last step of the path, if it is there. */
export const findHolder = (draft: Draft, path: CanonicalPath): Draft | undefined => {
  let holder: Draft | undefined = draft
  for (const segment of path.parents) {
    holder = step(holder, segment, false)
    if (holder === undefined) return undefined
  }
  return holder
}

/** The value at a path that does not end in a list. */
export const valueAt = (draft: Draft, path: CanonicalPath): unknown => {
  const holder = findHolder(draft, path)
  if (holder === undefined) return undefined
  return path.last.list ? itemsAt(draft, path)[path.last.index ?? 0] : holder[path.last.name]
}

/** The items of the list at a path that fit its brackets. */
export const itemsAt = (draft: Draft, path: CanonicalPath): readonly unknown[] => {
  const list = findHolder(draft, path)?.[path.last.name]
  if (!isList(list)) return []
  return path.last.presets.length === 0 ? list : list.filter((item) => fits(item, path.last.presets))
}

/** A value with the object that it is a member of. */
interface Held {
  readonly value: unknown
  readonly holder: Draft
}

/** Every value at a path, through all items of the lists on the way that fit their brackets. */
export const everyAt = (draft: Draft, { parents, last }: CanonicalPath): readonly Held[] => {
  let holders: readonly Draft[] = [draft]
  for (const segment of parents) holders = holders.flatMap((holder) => everyBelow(holder, segment)).filter(isDraft)
  return holders.flatMap((holder) => everyBelow(holder, last).map((value) => ({ value, holder })))
}

const everyBelow = (holder: Draft, { name, list, index, presets }: CanonicalSegment): readonly unknown[] => {
  const held = holder[name]
  if (!list) return held === undefined ? [] : [held]
  if (!isList(held)) return []
  return index === undefined ? held.filter((item) => presets.length === 0 || fits(item, presets)) : held.slice(index, index + 1)
}

/** How many items the list at a path has, whatever its brackets say. */
export const countAt = (draft: Draft, path: CanonicalPath): number => {
  const list = findHolder(draft, path)?.[path.last.name]
  return isList(list) ? list.length : 0
}

/** Where the last step of the path stands, with the positions that the lists above it have now: `packages[2].identifiers`. */
export const placeOf = (draft: Draft, path: CanonicalPath): string => {
  if (path.place !== undefined) return path.place
  let holder: Draft | undefined = draft
  let text = ''
  for (const segment of path.parents) {
    const held: unknown = holder?.[segment.name]
    holder = holder === undefined ? undefined : step(holder, segment, false)
    text += `${segment.name}${isList(held) && segment.list ? `[${held.indexOf(holder)}]` : ''}.`
  }
  return text + path.last.name
}
