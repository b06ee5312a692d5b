import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import type { Tx } from '../ops/database.js'

/** Bytes of a message that are to be packed with others'. */
export interface LooseRaw {
  readonly id: string
  readonly channel: string
  readonly outcome: string
  /** UTC. */
  readonly receivedAt: string
  readonly raw: Uint8Array
}

/** Where the bytes of a message stand from now on. */
export interface PackedRaw {
  readonly id: string
  readonly block: number
  readonly start: number
  readonly length: number
}

/** Of one block; it is dropped when the last of its messages may be, so that they must not have come far apart. */
const most = { messages: 256, bytes: 2 * 1024 * 1024, ms: 7 * 86_400_000 } as const

const compress = promisify(brotliCompress)
const expand = promisify(brotliDecompress)

/** 5 of 11, at which documents of one kind come to a fifteenth and less (docs/adr/0015). */
const quality = 5

interface Block {
  readonly messages: LooseRaw[]
  bytes: number
}

/** Messages of one channel and outcome, which one rule of retention holds for, in blocks; in their order. */
const blocksOf = (messages: readonly LooseRaw[]): readonly Block[] => {
  const blocks: Block[] = []
  const open = new Map<string, Block>()
  for (const message of messages) {
    const key = JSON.stringify([message.channel, message.outcome])
    const current = open.get(key)
    const fits = current !== undefined && hasRoom(current, message)
    const block = fits ? current : { messages: [], bytes: 0 }
    if (!fits) {
      open.set(key, block)
      blocks.push(block)
    }
    block.messages.push(message)
    block.bytes += message.raw.length
  }
  return blocks
}

const hasRoom = ({ messages, bytes }: Block, { raw, receivedAt }: LooseRaw): boolean =>
  messages.length < most.messages && bytes + raw.length <= most.bytes && Date.parse(receivedAt) - Date.parse(messages[0]?.receivedAt ?? receivedAt) <= most.ms

/** Compresses the bytes of messages together and stores them; gives where each message's stand. They are to be in the order of their ids. */
export const storeBlocks = async (tx: Tx, messages: readonly LooseRaw[]): Promise<readonly PackedRaw[]> => {
  const packed: PackedRaw[] = []
  for (const block of blocksOf(messages)) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: block.bytes }
    const id = await insertBlock(tx, block, await compress(Buffer.concat(block.messages.map(({ raw }) => raw)), { params }))
    let start = 0
    for (const { id: message, raw } of block.messages) {
      packed.push({ id: message, block: id, start, length: raw.length })
      start += raw.length
    }
  }
  return packed
}

const insertBlock = async (tx: Tx, { messages, bytes }: Block, packed: Uint8Array): Promise<number> => {
  const [first, last] = [messages[0], messages.at(-1)]
  if (first === undefined || last === undefined) throw new Error('A block has messages.')
  const lastReceivedAt = messages.reduce((latest, { receivedAt }) => (receivedAt > latest ? receivedAt : latest), first.receivedAt)
  const [row] = await tx.query<{ id: number }>(`
    insert into raw_block (channel, outcome, first_id, last_id, last_received_at, messages, raw_bytes, bytes) values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
  [first.channel, first.outcome, first.id, last.id, lastReceivedAt, messages.length, bytes, packed])
  if (row === undefined) throw new Error('The block could not be stored.')
  return row.id
}

/** The bytes of a message out of its block; undefined where the block's were dropped. */
export const readBlock = async (tx: Tx, { block, start, length }: Omit<PackedRaw, 'id'>): Promise<Buffer | undefined> => {
  const [row] = await tx.query<{ bytes: Buffer | null }>('select bytes from raw_block where id = $1', [block])
  return row?.bytes == null ? undefined : (await expand(row.bytes, { chunkSize: 256 * 1024 })).subarray(start, start + length)
}
