import { exitCodes, hubFlags, parseWords, textFlag, usage, type Command, type ExitCode } from './command.js'
import { printAnswer, withHub, type HubClient } from './hub-client.js'
import { sideBySide } from './text-columns.js'

/** Below this many columns two texts side by side can't be read. */
const narrowest = 100
/** Of a message, in bytes, what is shown beside its documents. */
const mostShown = 200_000

export const messageCommand: Command = {
  usage: 'message ID [--raw [--secrets shown] | --canonical | --lineage [--part N] | --json] [--width COLUMNS]',
  summary: 'Shows what was received and what was made of it, side by side; or the bytes, the canonical documents, where each field came from, or all that is known.',
  run: async (words) => {
    const parsed = parseWords(words, { ...hubFlags, raw: { type: 'boolean' }, canonical: { type: 'boolean' }, lineage: { type: 'boolean' }, json: { type: 'boolean' }, part: { type: 'string' }, width: { type: 'string' }, secrets: { type: 'string' } })
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [id] } = parsed.value
    if (id === undefined) return usage(`Usage: chainhub ${messageCommand.usage}`)
    const path = `/messages/${encodeURIComponent(id)}`
    return withHub(flags, async (hub) => {
      const secrets = textFlag(flags['secrets'])
      const raw = (): Promise<Response> => hub.request('GET', `${path}/raw${secrets === undefined ? '' : `?secrets=${encodeURIComponent(secrets)}`}`)
      const width = Number(textFlag(flags['width']) ?? (process.stdout.isTTY ? process.stdout.columns : 0))
      const part = textFlag(flags['part'])
      if (flags['raw'] === true) return printBytes(await raw())
      if (flags['canonical'] === true) return printDocuments(hub, path)
      if (flags['lineage'] === true) return printAnswer(await hub.request('GET', `${path}/lineage${part === undefined ? '' : `?part=${encodeURIComponent(part)}`}`))
      const message = await hub.request('GET', path)
      return flags['json'] === true || !message.ok ? printAnswer(message) : printBoth(hub, path, { message: await message.json() as Shown, raw: await raw(), width })
    })
  },
}

interface Shown {
  readonly messageId: string
  readonly receivedAt: string
  readonly channel: string
  readonly sender: string
  readonly outcome: string
  readonly format: string | null
  readonly mappingVersion: string | null
  readonly rawBytes: number
  readonly contentEncoding: string | null
  readonly decision: { readonly by: string, readonly reason: string } | null
  readonly answer: { readonly errors: readonly { readonly code: string, readonly at: string, readonly detail: string, readonly severity?: string }[] } | null
}

interface DocumentPage {
  readonly items: readonly { readonly kind: string, readonly number: string, readonly revision: number, readonly document: unknown }[]
  readonly next?: string
}

const printBytes = async (answer: Response): Promise<ExitCode> => {
  if (!answer.ok) return printAnswer(answer)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  await new Promise<void>((resolve, reject) => { process.stdout.write(bytes, (error) => { if (error) reject(error); else resolve() }) })
  return exitCodes.done
}

const printDocuments = async (hub: HubClient, path: string): Promise<ExitCode> => {
  const documents: unknown[] = []
  for (let cursor: string | undefined, more = true; more;) {
    const answer = await hub.request('GET', `${path}/canonical${cursor === undefined ? '' : `?cursor=${cursor}`}`)
    if (!answer.ok) return printAnswer(answer)
    const page = await answer.json() as DocumentPage
    documents.push(...page.items.map(({ document }) => document))
    cursor = page.next
    more = cursor !== undefined
  }
  console.log(JSON.stringify(documents, null, 2))
  return exitCodes.done
}

const printBoth = async (hub: HubClient, path: string, { message, raw, width }: { readonly message: Shown, readonly raw: Response, readonly width: number }): Promise<ExitCode> => {
  const canonical = await hub.request('GET', `${path}/canonical?limit=20`)
  if (!canonical.ok) return printAnswer(canonical)
  const page = await canonical.json() as DocumentPage
  for (const line of headOf(message)) console.log(line)
  const received = raw.ok ? textOf(new Uint8Array(await raw.arrayBuffer()), message) : `(${((await raw.json()) as { readonly detail: string }).detail})`
  const made = [...page.items.map(({ kind, number, revision, document }) => `${kind} ${number}, revision ${revision}\n${JSON.stringify(document, null, 2)}`), ...(page.next === undefined ? [] : ['…'])].join('\n\n')
  if (width >= narrowest) for (const line of sideBySide({ title: 'received', text: received }, { title: 'made of it', text: made }, width)) console.log(line)
  else console.log(`\nreceived\n\n${received}\n\nmade of it\n\n${made === '' ? '(nothing)' : made}`)
  return exitCodes.done
}

const headOf = ({ messageId, receivedAt, channel, sender, outcome, format, mappingVersion, decision, answer }: Shown): readonly string[] => [
  `message   ${messageId}`,
  `received  ${receivedAt} through ${channel} from ${sender}`,
  `outcome   ${outcome}${format === null ? '' : `, read as ${format} by ${mappingVersion ?? '?'}`}`,
  ...(decision === null ? [] : [`decided   by ${decision.by}: ${decision.reason}`]),
  ...(answer?.errors ?? []).slice(0, 20).map(({ code, at, detail, severity }) => `${(severity ?? 'error').padEnd(9)} ${code} at ${at === '' ? 'the whole' : at}: ${detail}`),
]

/** Nothing that a terminal would take for a command. */
const textOf = (bytes: Uint8Array, { rawBytes, contentEncoding }: Shown): string => {
  if (contentEncoding !== null && contentEncoding !== 'identity') return `(${rawBytes} bytes, ${contentEncoding}: see --raw)`
  const text = new TextDecoder('utf-8').decode(bytes.subarray(0, mostShown)).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
  return bytes.length > mostShown ? `${text}\n… (${rawBytes} bytes: see --raw)` : text
}
