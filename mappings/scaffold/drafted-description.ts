/** A description that was made from what somebody has, before it is written as YAML. */
export interface DraftedDescription {
  /** Prefix ▸ namespace. */
  readonly namespaces: Readonly<Record<string, string>>
  readonly types: ReadonlyMap<string, DraftedType>
  /** What an element of this step is wherever nothing else is said. */
  readonly elements: ReadonlyMap<string, string>
  readonly documents: ReadonlyMap<string, DraftedUse>
}

/** A type by name, or in place. */
export type DraftedUse = string | DraftedType
export type DraftedType = DraftedValue | DraftedTree

export interface DraftedValue {
  readonly form: 'value'
  /** `is`, `max`, `pattern` and the like, as they are written. */
  readonly words: Readonly<Record<string, string>>
  readonly codes: readonly string[]
  readonly attributes: readonly DraftedMember[]
}

export interface DraftedTree {
  readonly form: 'tree'
  readonly base: string | undefined
  readonly members: readonly (DraftedMember | DraftedChoice)[]
  readonly attributes: readonly DraftedMember[]
  readonly text: DraftedUse | undefined
  readonly anyOrder: boolean
  readonly open: boolean
}

export interface DraftedMember {
  readonly step: string
  readonly min: number
  readonly max: number
  /** undefined: as `elements` says. */
  readonly type: DraftedUse | undefined
}

export interface DraftedChoice {
  readonly choice: readonly DraftedMember[]
  readonly min: number
  readonly max: number
}

export const emptyTree: DraftedTree = { form: 'tree', base: undefined, members: [], attributes: [], text: undefined, anyOrder: false, open: false }
