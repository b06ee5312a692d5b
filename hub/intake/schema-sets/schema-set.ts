import { createHash } from 'node:crypto'

/** One file of a registered directory: its path inside, with `/`, and its text without a byte order mark. */
export interface SchemaFile {
  readonly path: string
  readonly text: string
}

/** What a set is compiled from. */
export interface SchemaSource {
  /** `name@version` */
  readonly key: string
  readonly files: readonly SchemaFile[]
  /** The JSON Schema that messages are held against; undefined where the directory has one that no other refers to. */
  readonly root: string | undefined
}

/** What the compilation found: which messages the set can be held against. */
export interface SchemaSummary {
  /** The global elements of the XSDs, as `{namespace}name`. */
  readonly elements: readonly string[]
  /** The path of the JSON Schema for messages; undefined in a set of XSDs alone. */
  readonly jsonRoot: string | undefined
}

/** Whether a message that breaks a set is refused or accepted with warnings. */
export type SchemaMode = 'refuse' | 'warn'

/** What is said of a set at its registration, besides its files. */
export interface SchemaScope {
  readonly mode: SchemaMode
  /** Empty means all channels. */
  readonly channels: readonly string[]
  /** Of the messages in JSON; undefined means every format that the channels take. */
  readonly format: string | undefined
}

/** A set in force. */
export interface SchemaSet extends SchemaScope, SchemaSummary {
  readonly name: string
  /** By content: the same files are the same version. */
  readonly version: string
}

export const keyOfSet = ({ name, version }: Pick<SchemaSet, 'name' | 'version'>): string => `${name}@${version}`

/** The first 16 hexadecimal digits of a SHA-256 over paths and texts, in the order of the paths, and the root. */
export const versionOf = (files: readonly SchemaFile[], root: string | undefined): string => {
  const hash = createHash('sha256')
  for (const { path, text } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) hash.update(JSON.stringify([path, text]))
  return hash.update(JSON.stringify(root ?? null)).digest('hex').slice(0, 16)
}
