import { existsSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { projectFolder } from '../../schemas/project-folder.js'
import { exitCodes, parseWords, textFlag, usage, type Command } from './command.js'

interface BenchOptions {
  readonly json: boolean
  /** How long a benchmark that has a long form runs. */
  readonly minutes?: number
  /** The part of it, or the rows with this in their names, that run alone, where the benchmark has such. */
  readonly only?: string
}

/** What a file of bench/ exports: it prints its table, or with `json` the rows `[{bench, case, value, unit, rival?, ratio?}]`. */
interface Bench {
  readonly bench: (options: BenchOptions) => Promise<void>
  /** The names of the parts that can run alone. */
  readonly parts?: readonly string[]
  /** Whether this names something of it that can run alone, where there are more such names than one would list. */
  readonly isPart?: (only: string) => boolean
}

const isBench = (module: unknown): module is Bench => typeof module === 'object' && module !== null && 'bench' in module && typeof module.bench === 'function'

export const benchCommand: Command = {
  usage: 'bench [NAME] [--json] [--minutes N] [--only PART]',
  summary: 'Runs a benchmark of bench/ and prints its table.',
  run: async (words) => {
    const parsed = parseWords(words, { json: { type: 'boolean' }, minutes: { type: 'string' }, only: { type: 'string' } })
    if (!parsed.ok) return usage(parsed.detail)
    const folder = projectFolder('dist', 'bench')
    const names = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.bench.js')).map((file) => file.slice(0, -'.bench.js'.length)).sort() : []
    const name = parsed.value.words[0] ?? names[0]
    if (name === undefined || !names.includes(name)) return usage(`There is no benchmark '${name ?? ''}': there are ${names.join(', ')}.`)
    const module: unknown = await import(pathToFileURL(`${folder}/${name}.bench.js`).href)
    if (!isBench(module)) throw new Error(`bench/${name}.bench.ts exports no bench.`)
    const minutes = textFlag(parsed.value.flags['minutes'])
    if (minutes !== undefined && !(Number(minutes) > 0)) return usage(`--minutes: '${minutes}' is no number of minutes.`)
    const only = textFlag(parsed.value.flags['only'])
    if (only !== undefined && module.parts?.includes(only) !== true && module.isPart?.(only) !== true) return usage(`--only: '${name}' has no part '${only}': ${module.parts === undefined ? 'it runs as a whole' : `there are ${module.parts.join(', ')}`}.`)
    await module.bench({ json: parsed.value.flags['json'] === true, ...(minutes === undefined ? {} : { minutes: Number(minutes) }), ...(only === undefined ? {} : { only }) })
    return exitCodes.done
  },
}
