import type { Node } from '../../schemas/node.js'

/** A canonical document, or an object of it, while it is being made. */
export type Draft = Record<string, unknown>

export const isDraft = (value: unknown): value is Draft => typeof value === 'object' && value !== null && !Array.isArray(value)
export const draftsOf = (value: unknown): readonly Draft[] => (Array.isArray(value) ? value.filter(isDraft) : [])
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const memberOf = (value: unknown, name: string): string | undefined => {
  const member = isDraft(value) ? value[name] : undefined
  return typeof member === 'string' ? member : undefined
}

/** What an attribute says; nothing where it is empty. */
export const attributeOf = (node: Node, name: string, namespace = ''): string | undefined => {
  const value = node.attributes.find((attribute) => attribute.name === name && attribute.namespace === namespace)?.value.trim()
  return value === '' ? undefined : value
}

export const childrenOf = (node: Node | undefined, name: string): readonly Node[] => node?.children.filter((child) => child.name === name) ?? []
