import { exitCodes, hubFlags, textFlags, type ExitCode, type Flags } from './command.js'
import { printAnswer, withHub } from './hub-client.js'
import { tableOf } from './text-columns.js'

/** Of what a list is printed in. */
export interface ListColumns<Item> {
  readonly titles: readonly string[]
  readonly rowOf: (item: Item) => readonly string[]
  /** What is said where there is nothing. */
  readonly none: string
}

const defaultWidth = 200

/** The flags of a command that lists. */
export const listFlags = { ...hubFlags, limit: { type: 'string' }, cursor: { type: 'string' }, json: { type: 'boolean' } } as const

/** Asks the hub for a list, with the filters as its query and the page that the flags say, and prints it. */
export const showList = <Item>(flags: Flags, path: string, columns: ListColumns<Item>, filters: Readonly<Record<string, string>> = {}): Promise<ExitCode> => withHub(flags, async (hub) => {
  const query = new URLSearchParams({ ...filters, ...textFlags(flags, ['limit', 'cursor']) })
  return printList(await hub.request('GET', `${path}?${query.toString()}`), flags['json'] === true, columns)
})

/** A list as a table for people, or as it came for programs; what is no list, as it came. */
const printList = async <Item>(answer: Response, isJson: boolean, { titles, rowOf, none }: ListColumns<Item>): Promise<ExitCode> => {
  if (isJson || !answer.ok) return printAnswer(answer)
  const { items, next } = await answer.json() as { readonly items: readonly Item[], readonly next?: string }
  const width = process.stdout.isTTY ? process.stdout.columns : defaultWidth
  if (items.length === 0) console.log(none)
  else for (const line of tableOf(titles, items.map(rowOf), width)) console.log(line)
  if (next !== undefined) console.log(`More: --cursor ${next}`)
  return exitCodes.done
}

/** An instant to the second, UTC. */
export const secondOf = (at: string | null | undefined): string => at?.slice(0, 19).replace('T', ' ') ?? ''
