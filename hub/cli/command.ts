import { parseArgs, type ParseArgsConfig } from 'node:util'
import { fail, ok, type Result } from '../../schemas/result.js'

export const exitCodes = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export interface Command {
  readonly usage: string
  readonly summary: string
  readonly run: (words: readonly string[]) => Promise<ExitCode>
}

/** Says what was wrong with the command line. */
export const usage = (problem: string): ExitCode => {
  console.error(problem)
  return exitCodes.usage
}

export type Flags = Readonly<Record<string, string | boolean | undefined>>

interface Words {
  readonly flags: Flags
  readonly words: readonly string[]
}

type Options = NonNullable<ParseArgsConfig['options']>

/** Splits a command's words into flags and the rest, at most `most` of them; unknown flags and words too many are refused. */
export const parseWords = (words: readonly string[], options: Options, most = 1): Result<Words> => {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
    const flags = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? String(value[0]) : value]))
    const tooMany = positionals[most]
    return tooMany === undefined ? ok({ flags, words: positionals }) : fail('request-invalid', 'command line', `'${tooMany}' is one word too many${most === 0 ? '' : `: this takes ${most} at a time`}.`)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return fail('request-invalid', 'command line', `${problem.split('. To specify', 1)[0] ?? problem}.`.replace(/\.\.$/, '.'))
  }
}

export const textFlag = (value: string | boolean | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** Those of these flags that were given, with their texts. */
export const textFlags = (flags: Flags, names: readonly string[]): Readonly<Record<string, string>> => Object.fromEntries(names.flatMap((name) => {
  const value = textFlag(flags[name])
  return value === undefined ? [] : [[name, value]]
}))

/** The flags of every command that asks a running hub. */
export const hubFlags = { url: { type: 'string' }, key: { type: 'string' }, data: { type: 'string' } } as const
