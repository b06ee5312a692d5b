import { hierarchiesOf, levelsOf, type Cube } from '../model/cube.js'

export interface CubeDescription {
  readonly name: string
  readonly title: string
  /** The kinds of document that it is made of. */
  readonly kinds: readonly string[]
  readonly levels: readonly { readonly name: string, readonly title: string, readonly dimension: string, readonly example: string, readonly named: boolean }[]
  /** Names of levels, from coarse to fine. */
  readonly hierarchies: readonly (readonly string[])[]
  readonly measures: readonly { readonly name: string, readonly title: string, readonly type: 'decimal' | 'count', readonly perCurrency: boolean }[]
}

/** What can be asked, for people and programs. */
export const describeCube = (cube: Cube): CubeDescription => ({
  name: cube.name,
  title: cube.title,
  kinds: cube.kinds,
  levels: levelsOf(cube).map(({ name, dimension, level }) => ({ name, title: level.title, dimension: dimension.name, example: level.example, named: level.name !== undefined })),
  hierarchies: hierarchiesOf(cube),
  measures: Object.entries(cube.measures).map(([name, { title, type, perCurrency }]) => ({ name, title, type, perCurrency })),
})
