import type { After, Converter, MapFunctions } from '../engine/converter.js'

/** The shop counts its lines; numbers that other systems give may have letters in them. */
const lineNumber: Converter = {
  takes: {},
  read: (text) => text,
  write: (value) => typeof value === 'string' ? { text: value, kind: /^(0|[1-9]\d*)$/.test(value) ? 'number' : 'string' } : undefined,
}

/** Keeps the shop's own word for a unit where it is not the code. */
const unitAsSent: After = (item, node) => {
  const sent = node.children.find(({ name }) => name === 'unit')?.text.trim()
  const { quantity } = item
  if (sent === undefined || sent === '' || typeof quantity !== 'object' || quantity === null || !('unit' in quantity)) return
  if (quantity.unit !== sent) Object.assign(quantity, { unitAsSent: sent })
}

export const functions = {
  converters: { 'line-number': lineNumber },
  after: { 'unit-as-sent': unitAsSent },
} satisfies MapFunctions
