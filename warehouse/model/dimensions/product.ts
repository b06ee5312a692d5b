import type { Item } from '../../../schemas/canonical/common.js'
import { asIs, type Dimension, type Member } from '../dimension.js'

interface Owners {
  readonly system: string
  readonly seller?: string | undefined
  readonly buyer?: string | undefined
}

/** How a product is known: by GTIN everywhere, else by a number in the numbering of whoever gave it, else by its name in the sending system. */
export const productMember = (item: Item | undefined, owners: Owners): Member | undefined => {
  const name = item?.names?.[0]?.value
  const key = item === undefined ? undefined : productKey(item, name, owners)
  return key === undefined ? undefined : { key, attributes: { name } }
}

const productKey = (item: Item, name: string | undefined, { system, seller, buyer }: Owners): string | undefined => {
  if (item.gtin !== undefined) return `gtin:${item.gtin}`
  if (item.sellersNumber !== undefined) return `${seller ?? system}/seller:${item.sellersNumber}`
  if (item.makersNumber !== undefined) return `${system}/maker:${item.makersNumber}`
  if (item.buyersNumber !== undefined) return `${buyer ?? system}/buyer:${item.buyersNumber}`
  return name === undefined ? undefined : `${system}/name:${name.trim().toLowerCase()}`
}

/** Products as documents name them. */
export const product: Dimension = {
  name: 'product',
  title: 'Product',
  type: 'integer',
  members: {
    table: 'product',
    relation: 'product',
    attributes: ['name'],
    linked: false,
    ddl: [],
    observe: (system, document) => {
      const member = document.kind === 'product' ? productMember(document.item, { system }) : undefined
      return member === undefined ? [] : [member]
    },
  },
  levels: {
    '': {
      title: 'Product', example: 'gtin:04012345000009', parse: asIs, write: asIs,
      group: (at) => `${at}.key`, key: (at) => `${at}.member`, name: (at) => `coalesce(${at}.name, ${at}.member)`,
    },
  },
  hierarchies: [],
  store: () => undefined,
}
