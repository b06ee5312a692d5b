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

interface Words {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  readonly words: readonly string[]
}

type Options = NonNullable<ParseArgsConfig['options']>

/** Splits a command's words into flags and the rest; unknown flags are refused. */
export const parseWords = (words: readonly string[], options: Options): Result<Words> => {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
    const flags = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? String(value[0]) : value]))
    return ok({ flags, words: positionals })
  } catch (error) {
    return fail('request-invalid', 'command line', error instanceof Error ? error.message : String(error))
  }
}

export const textFlag = (value: string | boolean | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** The flags of every command that asks a running hub. */
export const hubFlags = { url: { type: 'string' }, key: { type: 'string' }, data: { type: 'string' } } as const
