import type { TradeKind } from '../../../schemas/canonical/trade-document.js'
import { asIs, type Dimension } from '../dimension.js'

/** The kinds of document of which a cube is made. */
export const kindOf = (kinds: readonly [TradeKind, ...TradeKind[]]): Dimension => {
  const known = (text: string): string | undefined => kinds.find((kind) => kind === text)
  return {
    name: 'kind',
    title: 'Kind of document',
    type: `enum(${kinds.map((kind) => `'${kind}'`).join(', ')})`,
    levels: { '': { title: 'Kind of document', group: (at) => at, key: (at) => `cast(${at} as varchar)`, example: kinds[0], parse: known, write: asIs } },
    hierarchies: [],
    store: known,
  }
}
