/**
 * One-dimensional arrays in PostgreSQL's binary form (array_recv in src/backend/utils/adt/arrayfuncs.c), as parameters of a statement. As text each element
 * would be quoted and escaped here and read character by character there, which for documents is most of what a commit costs.
 */
const oids = { bool: 16, bytea: 17, int8: 20, int4: 23, text: 25, json: 114, timestamptz: 1184, uuid: 2950, tsvector: 3614, jsonb: 3802 } as const

const headBytes = 20
const lengthBytes = 4

/** Elements of one length each, all there. */
const fixed = (oid: number, size: number, count: number, write: (array: Buffer, at: number, index: number) => void): Buffer => {
  const array = Buffer.allocUnsafe(headBytes + count * (lengthBytes + size))
  let at = writeHead(array, oid, count, 0)
  for (let index = 0; index < count; index++) {
    at = array.writeInt32BE(size, at)
    write(array, at, index)
    at += size
  }
  return array
}

const writeHead = (array: Buffer, oid: number, count: number, hasNull: 0 | 1): number => {
  array.writeInt32BE(1, 0)
  array.writeInt32BE(hasNull, 4)
  array.writeInt32BE(oid, 8)
  array.writeInt32BE(count, 12)
  return array.writeInt32BE(1, 16)
}

const texts = (oid: number, values: readonly (string | null | undefined)[], version?: number): Buffer => {
  const extra = version === undefined ? 0 : 1
  const lengths = values.map((value) => (value == null ? -1 : Buffer.byteLength(value) + extra))
  const array = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + lengthBytes + Math.max(length, 0), headBytes))
  let at = writeHead(array, oid, values.length, lengths.includes(-1) ? 1 : 0)
  for (const [index, length] of lengths.entries()) {
    at = array.writeInt32BE(length, at)
    if (length < 0) continue
    if (version !== undefined) array[at] = version
    array.write(values[index] ?? '', at + extra)
    at += length
  }
  return array
}

export const textArray = (values: readonly (string | null | undefined)[]): Buffer => texts(oids.text, values)
export const jsonArray = (values: readonly string[]): Buffer => texts(oids.json, values)
/** Its binary form is a version and the text. */
export const jsonbArray = (values: readonly string[]): Buffer => texts(oids.jsonb, values, 1)
export const uuidArray = (values: readonly string[]): Buffer =>
  fixed(oids.uuid, 16, values.length, (array, at, index) => { array.write((values[index] ?? '').replaceAll('-', ''), at, 'hex') })
export const int4Array = (values: readonly number[]): Buffer => fixed(oids.int4, 4, values.length, (array, at, index) => { array.writeInt32BE(values[index] ?? 0, at) })
export const int8Array = (values: readonly number[]): Buffer => fixed(oids.int8, 8, values.length, (array, at, index) => { array.writeBigInt64BE(BigInt(values[index] ?? 0), at) })
export const boolArray = (values: readonly boolean[]): Buffer => fixed(oids.bool, 1, values.length, (array, at, index) => { array[at] = values[index] === true ? 1 : 0 })

/** Instants as ISO text; PostgreSQL counts microseconds from the year 2000, and refuses what is none or beyond its range. */
export const timestamptzArray = (values: readonly string[]): Buffer =>
  fixed(oids.timestamptz, 8, values.length, (array, at, index) => {
    const ms = Date.parse(values[index] ?? '') - year2000Ms
    array.writeBigInt64BE(Number.isNaN(ms) ? outOfRange : BigInt(ms) * 1000n, at)
  })
const year2000Ms = Date.UTC(2000, 0, 1)
/** The number after it stands for infinity. */
const outOfRange = 2n ** 63n - 2n

export const byteaArray = (values: readonly Uint8Array[]): Buffer => {
  const array = Buffer.allocUnsafe(values.reduce((sum, { length }) => sum + lengthBytes + length, headBytes))
  let at = writeHead(array, oids.bytea, values.length, 0)
  for (const bytes of values) {
    at = array.writeInt32BE(bytes.length, at)
    array.set(bytes, at)
    at += bytes.length
  }
  return array
}

/** Lexemes without positions, each row's in any order and no two alike (tsvectorrecv in src/backend/utils/adt/tsvector.c): their number, then each with a zero behind it and the number of its positions. */
export const tsvectorArray = (rows: readonly (readonly string[])[]): Buffer => {
  const texts = rows.map((lexemes) => lexemes.map((lexeme) => `${lexeme}\0\0\0`).join(''))
  const lengths = texts.map((text) => lengthBytes + Buffer.byteLength(text))
  const array = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + lengthBytes + length, headBytes))
  let at = writeHead(array, oids.tsvector, rows.length, 0)
  for (const [index, text] of texts.entries()) {
    at = array.writeInt32BE(lengths[index] ?? 0, at)
    at = array.writeInt32BE(rows[index]?.length ?? 0, at)
    at += array.write(text, at)
  }
  return array
}
