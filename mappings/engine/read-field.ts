import { countAt, findHolder, isDraft, makeHolder, newItem, placeOf, type Draft } from './canonical-path.js'
import type { FieldAction, ReadFigure } from './compile-reading.js'
import type { Context } from './lineage-log.js'
import type { Place, Run } from './reading-run.js'
import { pathOf } from './source-place.js'

/** Fills a field with what a text or an attribute becomes; false where it is taken already or the text is nothing for it. */
export const readField = (run: Run, action: FieldAction, context: Context, place: Place, text: string, attribute: string | undefined): boolean => {
  if (text === '' && !action.readsEmpty) return false
  if (action.figure !== undefined) return readFigure(run, action, action.figure, context, place, text, attribute)
  const { target, beside, converter } = action
  const { list, name, presets } = target.last
  const found = findHolder(context.object, target)
  if (!list && found !== undefined && found[name] !== undefined) return false
  run.trail = place
  const value = converter.read(text, place.node, run.report, run.documentSays)
  if (value === undefined) return false
  const holder = found ?? makeHolder(context.object, target)
  if (beside.length > 0) {
    fillAll(run, action, context, value, text, attribute)
    return true
  }
  let position: number | undefined
  if (list) position = append(holder, name, presets.length > 0 && isDraft(value) ? Object.assign(value, newItem(target.last)) : value)
  else holder[name] = value
  run.log?.fields.push({ context, place: target.place ?? placeOf(context.object, target), position, value, node: place.node, attribute, text, converter })
  return true
}

const readFigure = (run: Run, { converter }: FieldAction, figure: ReadFigure, context: Context, place: Place, text: string, attribute: string | undefined): boolean => {
  run.trail = place
  const value = converter.read(text, place.node, run.report, run.documentSays)
  if (value === undefined) return false
  const stated = context.stated ??= []
  stated.push({ figure, value, at: `${place.node.line}:${place.node.column} ${pathOf(place, run.shape)}${attribute === undefined ? '' : `/@${attribute}`}` })
  run.log?.fields.push({ context, place: figure.text, position: undefined, value, node: place.node, attribute, text, converter: undefined })
  return true
}

/** A value that says several fields is a list. */
const fillAll = (run: Run, action: FieldAction, context: Context, value: unknown, text: string, attribute: string | undefined): void => {
  const pair: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const [index, target] of [action.target, ...action.beside].entries()) {
    const one = pair[index]
    if (one === undefined) continue
    makeHolder(context.object, target)[target.last.name] = one
    const position = target.last.list ? countAt(context.object, target) - 1 : undefined
    run.log?.fields.push({ context, place: placeOf(context.object, target), position, value: one, node: run.trail.node, attribute, text, converter: action.converter })
  }
}

/** Gives the position. */
export const append = (holder: Draft, name: string, value: unknown): number => {
  const held = holder[name]
  if (Array.isArray(held)) return held.push(value) - 1
  holder[name] = [value]
  return 0
}
