import { fail, ok, type Result } from '../../schemas/result.js'
import { textConverter, type Converter } from './converter.js'
import type { Located } from './located-yaml.js'

/**
 * A list `theirs: ours` as a converter. Writing takes the first of several that mean the same. A code with an empty meaning stays with the
 * extensions in silence; one that is not listed does too, with a warning, unless `otherwise` says `refuse` or `pass` (as it is).
 */
export const codeListOf = (name: string, list: Located): Result<Converter> => {
  if (list.kind !== 'map') return fail('mapping-invalid', list.at, `The code list '${name}' is no map.`)
  const ours = new Map<string, string | undefined>()
  const theirs = new Map<string, string>()
  let otherwise = 'warn'
  for (const { key, value, at } of list.entries) {
    if (value.kind !== 'text') return fail('mapping-invalid', at, `The code '${key}' has no text as its meaning.`)
    if (key === 'otherwise') otherwise = value.text ?? otherwise
    else {
      ours.set(key, value.text)
      if (value.text !== undefined && !theirs.has(value.text)) theirs.set(value.text, key)
    }
  }
  return ok(textConverter((text, report) => {
    const meaning = ours.get(text)
    if (meaning !== undefined || ours.has(text)) return meaning
    if (otherwise === 'pass') return text
    return report('code-unknown', `'${text.slice(0, 40)}' is not in the code list '${name}' (${[...ours.keys()].join(', ')}).`, otherwise === 'refuse' ? undefined : 'warning')
  }, (value) => theirs.get(value) ?? (otherwise === 'pass' ? value : undefined)))
}
