import type { JsonValue } from '../../../../schemas/json-value.js'
import type { Told } from './run-toolkit.js'

/** What a step has to tell: each path with its text, or with what the text must match. */
export type Expected = Readonly<Record<string, string | RegExp>>

/** A value of JSON as the clients tell it: the texts by their paths; what is empty or null is not told. */
export const flatten = (value: JsonValue, path = ''): Told => {
  if (value === null) return {}
  if (typeof value !== 'object') return { [path]: value.toString() }
  const members = Array.isArray(value)
    ? value.map((item: JsonValue, index) => flatten(item, `${path}[${index}]`))
    : Object.entries(value).map(([name, item]) => flatten(item, path === '' ? name : `${path}.${name}`))
  return Object.assign({}, ...members) as Told
}

/** Says for each path where what was told is not what was expected; nothing when all is well. */
export const differences = (told: Told | undefined, expected: Expected): readonly string[] => {
  if (told === undefined) return ['not called']
  const paths = [...new Set([...Object.keys(expected), ...Object.keys(told)])]
  return paths.flatMap((path) => {
    const text = told[path]
    const wanted = expected[path]
    if (wanted === undefined) return [`${path} was not to be there`]
    if (text === undefined) return [`${path} is missing`]
    const same = wanted instanceof RegExp ? wanted.test(text) : wanted === text
    return same ? [] : [`${path} is ${JSON.stringify(text.slice(0, 80))} and not ${wanted instanceof RegExp ? wanted.source : JSON.stringify(wanted)}`]
  })
}
